"""Raw HTTP to a directory: what was sent and what came back, nothing hidden."""
import dataclasses
import http.client
import json
import urllib.parse


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # names in lower case
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Rest:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def send(self, method, path, data=None, token=None, headers=None, source=None) -> Response:
        """`data`: bytes as they are, anything else as JSON; `source`: the address to call from."""
        sent = dict(headers or {})
        if data is not None and not isinstance(data, bytes):
            data = json.dumps(data).encode()
            sent.setdefault('Content-Type', 'application/json')
        if token is not None:
            sent['Authorization'] = f'Bearer {token}'
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=30, source_address=(source, 0) if source else None)
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()},
                            answer.read().decode())
        finally:
            connection.close()

    def post(self, path, data, token=None, **more) -> Response:
        return self.send('POST', path, data, token, **more)

    def get(self, path, token=None, **query) -> Response:
        if query:
            path += '?' + urllib.parse.urlencode(query)
        return self.send('GET', path, None, token)

    def login(self, username='ana', password='secreto', peer_ip='10.0.0.1', **more) -> dict:
        answer = self.post('/login', {'username': username, 'password': password,
                                      'peer_ip': peer_ip, **more})
        assert answer.status == 200, answer
        return answer.json

    def index(self, login, files, **more) -> int:
        answer = self.post('/indexFiles', {'peer_ip': login['peer_ip'], 'peer_files': files,
                                           'peer_port': login['peer_port'], **more},
                           login['token'])
        assert answer.status == 200, answer
        return answer.json['indexed']
