"""Everything that knows the database: SQL, the pool, migrations, the embedded server.

Must not know: rules, HTTP, what an event means.
"""
