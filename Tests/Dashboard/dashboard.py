#!/usr/bin/env python3
"""Jobs as people see them: running, paused, stopped, failing and finished, in a headless Chromium.

What the page shows is what the API says and what the journal has; whatever rows hold stays text; strangers get
nothing; axe-core finds nothing serious; a real Prometheus reads the job's numbers.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import axe_core_python
import jsonschema

from browser import Browser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL = os.path.join(ROOT, "models/digits-en")
AUDIO = os.path.join(ROOT, "manifests/examples/audio")
SCHEMA = json.load(open(os.path.join(ROOT, "docs/dashboard.schema.json")))
AXE = open(os.path.join(os.path.dirname(axe_core_python.__file__), "axe.min.js")).read()
SCRIPT = "<script>window.pwned=1;alert(1)</script><img src=x onerror='window.pwned=1;alert(2)'>"
TOKEN = "0123456789abcdef0123456789"
# More than a worker does in the time of a few looks (200 a second on two idle cores); fewer where the machine is slow.
ROWS = int(os.environ.get("SCRIPTORIUM_DASHBOARD_ROWS", "10000"))
faults = []


def check(what, found, wanted=True):
    if found != wanted:
        faults.append(f"{what}: {str(found)[:500]!r}, not {str(wanted)[:500]!r}")
        print("FAILED", faults[-1], flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(port, path, token=None, **fields):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=fields)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def api(port, path, definition, token=None):
    value = json.loads(ask(port, "/api/v1/" + path, token))
    schema = {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{definition}"}
    try:
        jsonschema.validate(value, schema)
    except jsonschema.ValidationError as error:
        check(f"{path} is what its schema says", error.message)
    return value


def until(condition, what, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(what)


def silence(path, seconds):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(2 * 8000 * seconds))
    return path


class Job:
    """A manifest with rows of every kind, and the processes that work on it."""

    def __init__(self, binary, folder, rows):
        self.binary, self.folder, self.processes = binary, folder, []
        self.manifest, self.out = f"{folder}/rows.jsonl", f"{folder}/out.jsonl"
        self.endpoint = f"ipc://{folder}/socket"
        audio = sorted(name for name in os.listdir(AUDIO) if name.endswith(".wav"))
        damaged = f"{folder}/damaged.wav"
        with open(damaged, "wb") as file:
            file.write(open(f"{AUDIO}/{audio[0]}", "rb").read()[:30])
        with open(self.manifest, "w") as file:
            for index in range(rows):
                row = {"audio_filepath": f"{AUDIO}/{audio[index % len(audio)]}", "note": SCRIPT}
                file.write(json.dumps(row) + "\n")
            hostile = [
                {"audio_filepath": SCRIPT + ".wav"},
                {"audio_filepath": "\u202egnp.vaw\u2066\u0007 right to left.wav"},
                {"audio_filepath": "a" * 1000 + ".wav", "field": "x" * (1 << 20)},
                {"audio_filepath": damaged, "text": "</td></table>" + SCRIPT},
                {"audio_filepath": "javascript:alert(3)"},
            ]
            for row in hostile:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.write('{"audio_filepath": ' + SCRIPT + "\n")
            # In one pass it takes more memory than the workers get: it is quarantined.
            file.write(json.dumps({"audio_filepath": silence(f"{folder}/long.wav", 1800), "note": SCRIPT}) + "\n")
        self.rows = rows + len(hostile) + 2

    def start(self, *arguments, **options):
        process = subprocess.Popen(
            [self.binary, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=open(f"{self.folder}/stdout-{len(self.processes)}", "w"),
            stderr=open(f"{self.folder}/stderr-{len(self.processes)}", "w"), **options)
        self.processes.append(process)
        return process

    def coordinate(self, port, *more):
        return self.start("coordinate", self.manifest, "--model", MODEL, "-o", self.out, "--listen",
                          self.endpoint, "--chunk", "off", "--http", str(port), *more)

    def work(self):
        return self.start("work", "--connect", self.endpoint, "--model", MODEL, "--threads", "1",
                          "--memory", "200")

    def command(self, *arguments):
        return subprocess.run([self.binary, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120)

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def number(text):
    return int(text.replace(",", ""))


def compare(page, port, token=None):
    """The page has the numbers of the API, once both have stood still for a look."""
    for _ in range(100):
        before = api(port, "status", "status", token)["status"]
        shown = {name: page.text(name) for name in ("rows", "failed", "phase", "workers")}
        codes = page.run("""[...document.querySelectorAll("#failures tbody tr")].map(r =>
            [r.cells[0].textContent, r.cells[1].textContent])""")
        after = api(port, "status", "status", token)["status"]
        keys = ("rows", "transcribed", "rejected", "quarantined", "phase", "workers", "failures")
        if any(before[key] != after[key] for key in keys):
            continue
        done = after["transcribed"] + after["rejected"] + after["quarantined"]
        if [number(word) for word in shown["rows"].split(" of ")] != [done, after["rows"]]:
            time.sleep(0.3)
            continue
        break
    check("rows on the page", [number(word) for word in shown["rows"].split(" of ")], [done, after["rows"]])
    check("failed rows on the page", shown["failed"],
          f"{after['rejected']} rejected, {after['quarantined']} quarantined")
    check("phase on the page", shown["phase"].split(":")[0], after["phase"])
    check("codes on the page", {code: number(count) for code, count in codes}, after["failures"])
    return after


def type_into(page, identifier, text):
    page.run(f"(i => {{ i.value = {json.dumps(text)}; i.dispatchEvent(new Event('input')); }})"
             f"(document.getElementById({json.dumps(identifier)}))")


def harmless(page, what):
    check(f"nothing of a row ran ({what})", page.run("window.pwned"), None)
    check(f"the page has its one script and no image ({what})",
          page.run("document.querySelectorAll('script').length + document.images.length * 100"), 1)
    check(f"no dialog, exception or violation ({what})", page.all_troubles(), [])
    check(f"nothing is wider than the window ({what})",
          page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def accessible(page, what):
    page.run(AXE)
    found = page.run("axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => "
                     "[v.impact, v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))]))")
    serious = [violation for violation in found if violation[0] in ("serious", "critical")]
    check(f"axe-core finds nothing serious ({what})", serious, [])
    others = [violation[1] for violation in found if violation not in serious]
    print(f"  axe-core, {what}: {len(serious)} serious, others: {others}", flush=True)


def look_at_rows(page, port, job):
    """Failures, their search, and rows behind them."""
    page.run("document.querySelector('#failures button').click()")
    page.wait("!document.getElementById('examples').hidden")
    page.run("document.getElementById('allrejected').click()")
    rejected = api(port, "rows?status=rejected", "rows")["rows"]
    page.wait(f"document.querySelectorAll('#examplerows tbody tr').length === {len(rejected)}")
    shown = page.run("[...document.querySelectorAll('#examplerows tbody tr')].map(r => r.cells[0].textContent)")
    check("rows behind failures", [number(text) for text in shown], [row["row"] for row in rejected])
    type_into(page, "search", "pwned")
    check("search keeps rows with the word", page.run("document.querySelectorAll('#examplerows tbody tr').length"),
          sum("pwned" in json.dumps(row) for row in rejected))
    type_into(page, "search", "")
    if quarantined := api(port, "rows?status=quarantined", "rows")["rows"]:
        page.wait("!document.getElementById('allquarantined').hidden")
        page.run("document.getElementById('allquarantined').click()")
        page.wait(f"document.querySelectorAll('#examplerows tbody tr').length === {len(quarantined)}")
        check("a quarantined row's code", [row["code"] for row in quarantined], ["quarantined.memory"])
        check("a quarantined row is shown", page.run("document.querySelector('#examplerows tbody').textContent")
              .count("quarantined.memory"), 1)
    check("the retry command", page.text("retrycommand"), f"scriptorium retry --all-quarantined -o {job.out}")


def prometheus(job, port):
    """A real Prometheus reads the job; promtool judges what it reads, and the rules."""
    rules = subprocess.run(["promtool", "check", "rules", f"{ROOT}/cluster/grafana/alerts.yaml"],
                           capture_output=True, text=True)
    check("promtool takes the rules", rules.returncode, 0)
    metrics = subprocess.run(["promtool", "check", "metrics"], input=ask(port, "/metrics"), capture_output=True)
    check("promtool takes the metrics", metrics.stdout.decode() + metrics.stderr.decode(), "")
    own = free_port()
    config = f"{job.folder}/prometheus.yml"
    with open(config, "w") as file:
        file.write(f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n"
                   f"rule_files: [{ROOT}/cluster/grafana/alerts.yaml]\n"
                   f"scrape_configs: [{{job_name: scriptorium, static_configs: [{{targets: ['localhost:{port}']}}]}}]\n")
    server = subprocess.Popen(
        ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={job.folder}/tsdb",
         f"--web.listen-address=127.0.0.1:{own}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def query(text):
        answer = json.loads(ask(own, "/api/v1/query?query=" + urllib.request.quote(text)))
        return {json.dumps({k: v for k, v in r["metric"].items() if k in ("state", "code", "stage", "format")},
                           sort_keys=True): float(r["value"][1]) for r in answer["data"]["result"]}

    try:
        until(lambda: query('up{job="scriptorium"} == 1'), "Prometheus reads the job", 60)
        # The job is paused: so long after it, a scrape (one a second) has what is so now.
        time.sleep(3)
        status, rows = api(port, "status", "status")["status"], query("scriptorium_rows")
        for state in ("transcribed", "rejected", "quarantined", "waiting"):
            check(f"Prometheus' rows {state}", rows[json.dumps({"state": state})], float(status[state]))
        check("Prometheus' failed rows", {json.loads(k)["code"]: int(v) for k, v in
                                          query("scriptorium_rows_failed > 0").items()}, status["failures"])
        stages = query("scriptorium_worker_stage_seconds_total")
        check("Prometheus has all stages", len(stages), 6)
        print("  Prometheus: rows", rows, "stages", stages, flush=True)
        rules = json.loads(ask(own, "/api/v1/rules"))["data"]["groups"]
        check("Prometheus evaluates all rules", [rule["name"] for group in rules for rule in group["rules"]
                                                 if rule["health"] == "err"], [])
    finally:
        server.terminate()
        server.wait(20)


def running_and_paused(binary, browser, folder, pictures):
    job = Job(binary, folder, ROWS)
    port = free_port()
    coordinator = job.coordinate(port)
    try:
        until(lambda: api(port, "status", "status")["status"]["rows"] == job.rows, "the job is planned")
        page = browser.page(width=1280, height=900)
        page.open(f"http://localhost:{port}/")
        page.wait("document.getElementById('link').textContent === 'live'")
        until(lambda: api(port, "status", "status")["status"]["rejected"] > 0, "a row is refused at once")
        compare(page, port)
        check("pause", job.command("pause", "-o", job.out).returncode, 0)
        page.wait("document.getElementById('phase').textContent === 'paused: operator'")
        compare(page, port)
        accessible(page, "paused, light, desktop")
        harmless(page, "paused")
        check("resume", job.command("resume", "-o", job.out).returncode, 0)
        worker = job.work()
        until(lambda: api(port, "status", "status")["status"]["transcribed"] >= 3, "rows are transcribed")
        page.wait("!document.getElementById('time').hidden", 120)
        page.run("scrollTo(0, 0)")
        page.picture(f"{pictures}/running-light-desktop-top.png", whole=False)
        check("pause", job.command("pause", "-o", job.out).returncode, 0)
        workers = api(port, "workers", "workers")["workers"]
        page.wait(f"document.querySelectorAll('#fleet tbody tr').length === {len(workers)}")
        page.wait("document.querySelectorAll('#transcripts li').length > 0")
        accessible(page, "running, light, desktop")
        harmless(page, "running")
        page.picture(f"{pictures}/running-light-desktop.png")
        until(lambda: api(port, "status", "status")["status"]["leased"] == 0, "workers finish what they hold")
        compare(page, port)
        prometheus(job, port)
        check("resume", job.command("resume", "-o", job.out).returncode, 0)
        until(lambda: coordinator.poll() is not None, "the job ends", 600)
        check("the job's end", coordinator.returncode, 3)
        page.wait("document.getElementById('link').textContent !== 'live'")
    finally:
        job.end()
    return job


def stored(binary, browser, job, pictures):
    """A finished job, and one whose folder is gone."""
    port = free_port()
    dashboard = job.start("dashboard", job.out, "--http", str(port), "--audio")
    try:
        until(lambda: ask(port, "/api/v1/status"), "the dashboard begins")
        page = browser.page(width=1280, height=900)
        page.open(f"http://localhost:{port}/")
        page.wait("document.getElementById('link').textContent === 'nobody works on it'")
        status = compare(page, port)
        check("a finished job is finished", status["phase"], "finished")
        check("rows that are quarantined", status["quarantined"], 1)
        report = json.load(open(job.out + ".report.json"))
        for key in ("transcribed", "rejected", "quarantined"):
            check(f"{key} of the report", report[key], status[key])
        look_at_rows(page, port, job)
        harmless(page, "finished")
        accessible(page, "finished, light, desktop")
        page.picture(f"{pictures}/finished-light-desktop.png")
        page.run("document.querySelector('#transcripts button').click()")
        page.wait("document.getElementById('audioplayer').currentTime > 0", 30)
        check("audio plays", page.run("document.getElementById('audioplayer').error"), None)
        harmless(page, "playing")
        for name, view in (("phone-light", dict(width=390, height=844, phone=True)),
                           ("phone-dark", dict(width=390, height=844, phone=True, dark=True)),
                           ("desktop-dark", dict(width=1440, height=900, dark=True))):
            other = browser.page(**view)
            other.open(f"http://localhost:{port}/")
            other.wait("document.getElementById('link').textContent === 'nobody works on it'")
            look_at_rows(other, port, job)
            accessible(other, f"finished, {name}")
            harmless(other, f"finished, {name}")
            other.picture(f"{pictures}/finished-{name}.png")
            other.run("scrollTo(0, 0)")
            other.picture(f"{pictures}/finished-{name}-top.png", whole=False)
        # The keyboard reaches what a mouse does.
        page.run("document.activeElement.blur()")
        reached = set()
        for _ in range(60):
            page.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
            page.call("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
            reached.add(page.run("document.activeElement.id || document.activeElement.textContent"))
        check("the keyboard reaches search and buttons", {"search", "filter", "allrejected"} - reached, set())
    finally:
        job.end()
    shutil.rmtree(job.out + ".job")
    port = free_port()
    job.start("dashboard", job.out, "--http", str(port))
    try:
        until(lambda: ask(port, "/api/v1/status"), "the dashboard of a report begins")
        alone = api(port, "status", "status")["status"]
        check("a report alone has the same numbers", [alone[k] for k in ("rows", "transcribed", "failures")],
              [status[k] for k in ("rows", "transcribed", "failures")])
    finally:
        job.end()


def stopped(binary, browser, folder):
    """A job whose coordinator is gone, beside another; a token; and the coordinator coming back."""
    job = Job(binary, folder, ROWS)
    port = free_port()
    coordinator = job.coordinate(port)
    worker = job.work()
    try:
        until(lambda: api(port, "status", "status")["status"]["transcribed"] >= 3, "some rows are done")
        coordinator.send_signal(signal.SIGKILL)
        coordinator.wait()
        worker.kill()
        worker.wait()
        summary = json.loads(job.command("journal", "inspect", job.out, "--json").stdout)
        token = f"{folder}/token"
        with open(token, "w") as file:
            file.write(TOKEN + "\n")
        second = free_port()
        job.start("dashboard", job.out, "--http", str(second), "--http-token", token, "--audio")
        until(lambda: ask(second, "/api/v1/status", TOKEN), "the dashboard begins")
        page = browser.page()
        page.open(f"http://localhost:{second}/")
        page.wait("!document.getElementById('login').hidden")
        accessible(page, "token is asked for")
        for given, visible in (("wrong" * 5, False), (TOKEN, True)):
            page.run(f"document.getElementById('token').value = '{given}';"
                     "document.getElementById('login').requestSubmit()")
            page.wait("!document.getElementById('main').hidden" if visible
                      else "document.getElementById('denied').textContent !== ''")
        page.wait("document.getElementById('link').textContent === 'nobody works on it'")
        status = compare(page, second, TOKEN)
        check("a killed job is stopped", status["phase"], "stopped")
        done = status["transcribed"] + status["rejected"] + status["quarantined"]
        check("rows of the journal", done, summary["rows_recorded"])
        page.run("document.querySelector('#transcripts button').click()")
        page.wait("document.getElementById('audioplayer').currentTime > 0", 30)
        harmless(page, "stopped, with a token")
        check("the token stands in no address", page.run(
            "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
            f".filter(e => e.name.includes('{TOKEN}')).length"), 0)
        # The page follows the job when somebody goes on with it.
        job.coordinate(port)
        page.wait("document.getElementById('phase').textContent === 'running'", 60)
        page.wait("document.getElementById('link').textContent === 'live'")
    finally:
        job.end()


def strangers(port):
    """Pages of other origins and other names get nothing."""
    for fields, wanted in (({"Origin": "http://evil.example"}, 403), ({"Host": f"evil.example:{port}"}, 403)):
        for path in ("/api/v1/status", "/metrics", "/api/v1/audio?row=1", "/api/v1/stream"):
            try:
                ask(port, path, **fields)
                check(f"{path} for {fields}", 200, wanted)
            except urllib.error.HTTPError as error:
                check(f"{path} for {fields}", error.code, wanted)


class Large(BaseHTTPRequestHandler):
    """The page with answers of a job of ten million rows and a thousand workers."""

    page = b""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        stages = dict(fetch=1.0, decode=2.0, compute=50.0, text=1.0, waiting=2.0, idle=4.0)
        status = dict(
            phase="running", pauses=[], incarnation=1, rows=10_000_000, transcribed=4_000_000, rejected=5_000,
            quarantined=70, leased=250_000, waiting=5_744_930, workers=1000, workers_computing=998, workers_lost=3,
            duplicates=0, retried=80, audio_seconds=6e10, audio_seconds_done=2.4e10, rtfx=80_000.5,
            elapsed_seconds=300_000, remaining_seconds=450_000, remaining_seconds_min=400_000,
            remaining_seconds_max=500_000, stage_seconds=stages, stage_seconds_recent=stages,
            waiting_for_audio=False, batches=1, batched_audio_seconds=1.0, memory_used_bytes=1 << 40,
            slots=[], failures={"audio.not_found": 5000, "quarantined.engine": 70})
        worker = dict(
            state="computing", arithmetic="fp32/avx512/openblas-0.3", build="1", cores=64, memory_bytes=1 << 36,
            rtfx=80.0, rows_held=250, audio_seconds_held=1000.0, rows_in_engine=32, audio_seconds_computed=100.0,
            silent_seconds=1.0, stage_seconds=stages, stage_seconds_recent=stages, batches=1,
            batched_audio_seconds=1.0, memory_used_bytes=1 << 33)
        answers = {
            "status": dict(job="archive.jsonl", retry_command="", stored=False, audio=False, status=status),
            "history": dict(points=[[i * 600, 80_000 + i % 7, 1000] for i in range(512)]),
            "workers": dict(workers=[dict(worker, slot=f"node-{i}/0") for i in range(1000)], past=[]),
            "transcripts": dict(rows=[dict(row=i, slot="h", text="W " * 400, words=[]) for i in range(20)]),
            "notices": dict(notices=[dict(number=i, text="n" * 2000) for i in range(1, 201)]),
        }
        name = self.path.split("/")[-1].split("?")[0]
        if name == "stream":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"data: " + json.dumps({"status": status, "notice": 200}).encode() + b"\n\n")
                    time.sleep(1)
            except OSError:
                return
        body = json.dumps(answers[name]).encode() if name in answers else Large.page
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if name in answers else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def large(browser, page_bytes, pictures):
    Large.page = page_bytes
    server = ThreadingHTTPServer(("127.0.0.1", 0), Large)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.page(width=1440)
    page.open(f"http://localhost:{server.server_port}/")
    page.wait("document.querySelectorAll('#fleet tbody tr').length === 200")
    paint = page.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    check("rows of a large job", page.text("rows"), "4,005,070 of 10,000,000")
    type_into(page, "filter", "node-999/")
    check("a worker is found among a thousand", page.run("document.querySelectorAll('#fleet tbody tr').length"), 1)
    type_into(page, "filter", "")
    accessible(page, "ten million rows, a thousand workers")
    harmless(page, "large")
    page.picture(f"{pictures}/large.png", whole=False)
    print(f"  page: {len(page_bytes)} bytes; first paint with 10 M rows and 1,000 workers: {paint:.0f} ms", flush=True)
    check("the page has at most 150 kB", len(page_bytes) <= 150_000)
    server.shutdown()


def main():
    binary, pictures = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    os.makedirs(pictures, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="scriptorium-dashboard-")
    browser = Browser()
    try:
        for name in ("one", "two"):
            os.mkdir(f"{folder}/{name}")
        print("running and paused", flush=True)
        job = running_and_paused(binary, browser, f"{folder}/one", pictures)
        print("finished", flush=True)
        stored(binary, browser, job, pictures)
        print("stopped", flush=True)
        stopped(binary, browser, f"{folder}/two")
        print("large", flush=True)
        port = free_port()
        shown = job.start("dashboard", job.out, "--http", str(port))
        until(lambda: ask(port, "/"), "the page")
        strangers(port)
        large(browser, ask(port, "/"), pictures)
        job.end()
    finally:
        browser.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(faults)} faults; pictures are in {pictures}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
