"""Runs AWS CLI commands without its start, which takes longer than most commands: each in a fork of this process, which
has imported it, with the command line, directory, environment and standard streams of whoever has typed `aws`.

    python3 server.py DIRECTORY

puts an `aws` into the directory as soon as it can be used. Where this Python is not that of the `aws` on the PATH, it puts
none. It ends with its standard input.
"""

import functools
import gc
import marshal
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICES = ['kms', 'sts', 'iam', 'organizations', 'cloudtrail']
MODELS = ['service-2', 'paginators-1', 'waiters-2', 'endpoint-rule-set-1']
MAX_REQUEST = 1 << 20
# For a first command, which nobody is there to answer.
NOBODY = {
    'AWS_ACCESS_KEY_ID': 'none',
    'AWS_SECRET_ACCESS_KEY': 'none',
    'AWS_DEFAULT_REGION': 'us-east-1',
    'AWS_ENDPOINT_URL': 'http://127.0.0.1:9',
    'AWS_MAX_ATTEMPTS': '1',
}


def serve(directory):
    from awscli.clidriver import create_clidriver

    remember_hooks()
    loader = create_clidriver().session.get_component('data_loader')
    for service in SERVICES:
        for model in MODELS:
            try:
                loader.load_service_model(service, model)
            except Exception:  # Not every service has every model.
                pass
    warm_up(create_clidriver, loader)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(directory, 'socket'))
    listener.listen(64)
    put_client(directory)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    # No command lives for long.
    gc.disable()
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            run(connection, create_clidriver, loader)
        connection.close()


def remember_hooks():
    """Has what every command registers looked at once: that is most of a command's time."""
    from botocore import hooks

    accepts = functools.cache(hooks.accepts_kwargs)
    # A method is another object for each command; its function is the same.
    hooks.accepts_kwargs = lambda handler: accepts(getattr(handler, '__func__', handler))
    find, names = hooks.EventAliaser._alias_event_name, {}

    def alias(aliaser, name):
        if name not in names:
            names[name] = find(aliaser, name)
        return names[name]

    hooks.EventAliaser._alias_event_name = alias


def warm_up(create_clidriver, loader):
    """Runs a command, in vain: what it reads and imports on its way is there for all others."""
    own = dict(os.environ)
    os.environ.update(NOBODY)
    try:
        driver = create_clidriver()
        driver.session.register_component('data_loader', loader)
        driver.main(['kms', 'list-keys'])
    finally:
        os.environ.clear()
        os.environ.update(own)


def put_client(directory):
    """Makes the `aws` of the directory: it is whole when it is there."""
    path = os.path.join(directory, 'aws')
    with open(os.path.join(HERE, 'client.py')) as source, open(path + '.new', 'w') as target:
        target.write(f'#!{sys.executable} -IS\n{source.read()}')
    os.chmod(path + '.new', 0o755)
    os.rename(path + '.new', path)


def run(connection, create_clidriver, loader):
    code = 255
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        become(connection)
        threading.Thread(target=end_with, args=[connection], daemon=True).start()
        driver = create_clidriver()
        driver.session.register_component('data_loader', loader)
        code = driver.main()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        connection.sendall(bytes([code or 0]))
        os._exit(0)


def end_with(client):
    """Ends this process when its client is gone: it says nothing more."""
    client.recv(1)
    os._exit(1)


def become(connection):
    """Takes on what the client is: the message has its streams as descriptors, then its length, and all else."""
    message, streams, _, _ = socket.recv_fds(connection, MAX_REQUEST, 3)
    size = 4 + int.from_bytes(message[:4], 'little')
    while len(message) < size:
        message += connection.recv(MAX_REQUEST)
    arguments, directory, environment = marshal.loads(message[4:])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(directory)
    os.environ.clear()
    os.environb.update(environment)
    time.tzset()
    sys.argv = ['aws', *arguments]


if os.path.dirname(shutil.which('aws') or '') == os.path.dirname(shutil.which('python3') or ''):
    serve(sys.argv[1])
