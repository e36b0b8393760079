"""Receives Keyspan's alarms: checks the signature of each, and prints it once.

    KEYSPAN_WEBHOOK_SECRET=whsec_... python3 receiver.py 18090

Standard Webhooks, https://www.standardwebhooks.com: any of its libraries does the same as `verified`.
"""
import base64, hashlib, hmac, http.server, json, os, sys, time

SECRET = base64.b64decode(os.environ["KEYSPAN_WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # Keep it on disk: an alarm may come again, with the same webhook-id.


def verified(headers, body):
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split()
    return any(hmac.compare_digest(f"v1,{expected}", each) for each in given)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 204 if verified(self.headers, body) else 401
        if status == 204 and self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            print(json.loads(body)["text"], flush=True)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
