"""HTTP: sockets, headers, compression, faults on the wire. Imported when a server starts."""
