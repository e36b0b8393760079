# The `aws` that the server beside this file has put here: it hands on what it is, and ends as the command has ended.
import json
import os
import socket
import sys

connection = socket.socket(socket.AF_UNIX)
connection.connect(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'socket'))
asked = {'arguments': sys.argv[1:], 'directory': os.getcwd(), 'environment': dict(os.environ)}
message = json.dumps(asked).encode() + b'\n'
sent = socket.send_fds(connection, [message], [0, 1, 2])
if sent < len(message):
    # Without a rest, the command may have ended by now.
    connection.sendall(message[sent:])
sys.exit((connection.recv(1) or b'\xff')[0])
