"""What people say: commands, one file a noun. Each takes a principal and checks what it may."""
