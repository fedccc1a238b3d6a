"""Many files in one request, and who fetches what, over raw HTTP."""
ID_A = 'aa' * 32


def find(directory, login, **asked):
    answer = directory.rest.post('/findFiles', asked, login['token'])
    assert answer.status == 200, answer
    return answer.json


def names(page):
    return [each['file_name'] for each in page['files']]


def join(directory, login, path='/joinSwarm'):
    answer = directory.rest.post(path, {'peer_ip': login['peer_ip'], 'size': 5, 'content_id': ID_A},
                                 login['token'])
    assert answer.status == 200, answer
    return answer.json


def test_files_are_listed_by_whatever_is_asked(directory):
    ana, bob = directory.rest.login(), directory.rest.login('bob', peer_ip='10.0.0.2')
    directory.rest.index(ana, [{'name': 'p/a.txt', 'size': 5, 'content_id': ID_A}, 'p/q/b.txt', 'c'])
    directory.rest.index(bob, [{'name': 'p/a.txt', 'size': 5, 'content_id': ID_A}, 'd.txt'])
    page = find(directory, ana, names=['a.txt', 'none'])
    sources = [{'peer_name': each['username'], 'peer_ip': each['peer_ip'], 'peer_port': 50051}
               for each in (ana, bob)]
    assert sorted(page['files'][0].pop('sources'), key=str) == sorted(sources, key=str)
    assert page == {'files': [{'file_name': 'p/a.txt', 'size': 5, 'content_id': ID_A}], 'next': None}
    assert names(find(directory, ana, content_ids=[ID_A.upper()])) == ['p/a.txt']
    assert names(find(directory, ana, folder='p')) == ['p/a.txt', 'p/q/b.txt']
    assert names(find(directory, ana, pattern='*.txt')) == ['d.txt', 'p/a.txt', 'p/q/b.txt']
    assert names(find(directory, ana, pattern='p/**/*.txt')) == ['p/a.txt', 'p/q/b.txt']
    assert names(find(directory, ana, peer_name='bob', pattern='[a-c]*')) == ['p/a.txt']
    assert find(directory, ana, folder='none') == {'files': [], 'next': None}
    answer = directory.rest.post('/findFiles', {'pattern': '[a'}, ana['token'])
    assert answer.status == 422 and "'pattern'" in answer.json['error'], answer


def test_pages_make_up_the_whole(directory):
    ana = directory.rest.login()
    wanted = sorted(f'p/{number}' for number in range(2500))
    directory.rest.index(ana, wanted)
    listed, cursor, pages = [], '', 0
    while cursor is not None:
        page = find(directory, ana, folder='p', cursor=cursor)
        listed, cursor, pages = listed + names(page), page['next'], pages + 1
    assert listed == wanted
    assert pages == 3


def test_who_fetches_the_same_content_is_told(directory):
    ana, bob = directory.rest.login(), directory.rest.login('bob', peer_ip='10.0.0.2')
    assert join(directory, ana) == {'peers': [], 'renew_seconds': 10}
    others = [{'peer_name': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 50051}]
    assert join(directory, bob)['peers'] == others
    assert 'message' in join(directory, ana, '/leaveSwarm')
    assert join(directory, bob)['peers'] == []
    join(directory, ana)
    assert join(directory, bob)['peers'] == others
    assert directory.rest.post('/logout', {'peer_ip': '10.0.0.1'}, ana['token']).status == 200
    assert join(directory, bob)['peers'] == []
