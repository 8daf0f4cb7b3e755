"""What an attack costs the machine by itself: a server that reads what comes in
and keeps none of it."""

import multiprocessing
import socket
import threading


def _read(connection):
    buffer = bytearray(1 << 20)
    try:
        while connection.recv_into(buffer):
            pass
    except OSError:
        pass
    connection.close()


def _serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_read, args=(connection,), daemon=True).start()


class Sink:
    def __init__(self):
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = listener.getsockname()[1]
        self.process = multiprocessing.Process(target=_serve, args=(listener,),
                                               daemon=True)
        self.process.start()
        listener.close()

    def stop(self):
        self.process.terminate()
        self.process.join()
