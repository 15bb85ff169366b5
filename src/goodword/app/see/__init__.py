"""What people see: reads, one file a noun. Each takes a principal and checks what it may."""
