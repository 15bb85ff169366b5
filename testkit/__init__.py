"""What tests, faults and bench stand on: databases, a workspace in memory and one in a database, the product as processes.

It knows the product and none of those who use it.
"""
