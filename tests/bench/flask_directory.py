"""The least a directory on Flask can be: one dictionary. flask_directory.py PORT PEERS EACH"""
import logging
import sys

from flask import Flask, jsonify, request

from directory_stage import name_of

app = Flask(__name__)
files = {name_of(p, i): [{"peer_name": f"user{p:03d}", "peer_ip": "10.0.0.1", "file_name": name_of(p, i), "size": i}]
         for p in range(int(sys.argv[2])) for i in range(int(sys.argv[3]))}


@app.post("/getFiles")
def get_files():
    return jsonify(files[request.get_json()["file_name"]])


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run(host="127.0.0.1", port=int(sys.argv[1]), threaded=True)
