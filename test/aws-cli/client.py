# The `aws` that the server beside this file has put here: it hands on what it is, and ends as the command has ended.
# It imports what is quick to import: that is most of its time.
import _socket
import array
import marshal
import posix
import sys

connection = _socket.socket(_socket.AF_UNIX)
connection.connect(sys.argv[0].rpartition('/')[0] + '/socket')
asked = marshal.dumps((sys.argv[1:], posix.getcwd(), posix.environ))
message = len(asked).to_bytes(4, 'little') + asked
streams = array.array('i', [0, 1, 2])
sent = connection.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
# Without a rest, the command may have ended by now.
while sent < len(message):
    sent += connection.send(message[sent:])
posix._exit((connection.recv(1) or b'\xff')[0])
