"""Stand-ins for the original's programs, answering as tests/data/original recorded them."""
import concurrent.futures
import json
import socketserver
import threading

import grpc

from .wire import peer_grpc, peer_pb

NOT_FOUND_PAGE = ('<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n'
                  '<h1>Not Found</h1>\n')


def flask_json(value) -> str:
    """As Flask prints it: indented, members in order of name, a line end last."""
    return json.dumps(value, indent=2, sort_keys=True) + '\n'


class OriginalDirectory:
    """The routes of the original's server and nothing more; plain names, no token."""

    def __init__(self):
        self.peers = {}    # address to [username, names]
        self.requests = []  # (method, path, headers, parsed body)
        self.rows = None    # answers /getFiles instead, where set
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                stand_in._serve(self.rfile, self.wfile)

        class ThreadingServer(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = ThreadingServer(('127.0.0.1', 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, reader, writer):
        words = reader.readline().decode().split()
        if len(words) != 3:
            return
        headers = {}
        while (line := reader.readline().strip()):
            name, _, value = line.decode().partition(':')
            headers[name.lower()] = value.strip()
        data = reader.read(int(headers.get('content-length', 0)))
        status, kind, text = self._answer(words[0], words[1], headers, data)
        body = text.encode()
        writer.write(f'HTTP/1.1 {status}\r\nServer: Werkzeug/3.1.9 Python/3.11.7\r\n'
                     f'Date: Mon, 23 Nov 2026 06:17:16 GMT\r\nContent-Type: {kind}\r\n'
                     f'Content-Length: {len(body)}\r\nConnection: close\r\n\r\n'.encode() + body)

    def _answer(self, method, path, headers, data):
        routes = {'/login': self._login, '/indexFiles': self._index, '/getFiles': self._get,
                  '/logout': self._logout}
        if path not in routes:
            self.requests.append((method, path, headers, None))
            return '404 NOT FOUND', 'text/html; charset=utf-8', NOT_FOUND_PAGE
        if headers.get('content-type', '').split(';')[0] != 'application/json':
            return '415 UNSUPPORTED MEDIA TYPE', 'text/html; charset=utf-8', NOT_FOUND_PAGE
        body = json.loads(data)
        self.requests.append((method, path, headers, body))
        status, value = routes[path](body)
        return status, 'application/json', flask_json(value)

    def _login(self, body):
        self.peers[body['peer_ip']] = [body['username'], []]
        return '200 OK', {name: body[name] for name in ('username', 'password', 'peer_ip')}

    def _index(self, body):
        if body['peer_ip'] not in self.peers:
            return '404 NOT FOUND', {'error': 'Peer IP not found.'}
        names = self.peers[body['peer_ip']][1]
        for name in body['peer_files']:
            assert isinstance(name, str), 'the original takes plain names alone'
            if name not in names:
                names.append(name)
        return '200 OK', {'message': 'Files indexed successfully.'}

    def _get(self, body):
        name = body['file_name']
        rows = self.rows or [
            {'download_link': f'http://{ip}/download/{user}/{name}', 'file_name': name,
             'peer_ip': ip, 'peer_name': user}
            for ip, (user, names) in self.peers.items() if name in names]
        return ('200 OK', rows) if rows else ('404 NOT FOUND', {'error': 'File not found.'})

    def _logout(self, body):
        self.peers.pop(body['peer_ip'], None)
        return '200 OK', {'message': f'Logged out peer with IP {body["peer_ip"]}'}


class OriginalPeer(peer_grpc.PeerServiceServicer):
    """The original's peer server: answers every name, moves no bytes."""

    def __init__(self):
        self.asked = []  # (peer_name, file_name)
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4),
                                   options=[('grpc.so_reuseport', 0)])
        peer_grpc.add_PeerServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port('127.0.0.1:0')
        self._server.start()

    def DownloadFile(self, request, context):  # noqa: N802, the name of the wire
        self.asked.append((request.peer_name, request.file_name))
        return peer_pb.DownloadResponse(message=f'File {request.file_name} downloaded properly!')

    def close(self):
        self._server.stop(None).wait()
