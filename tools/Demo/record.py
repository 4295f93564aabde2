#!/usr/bin/env python3
"""Records a cold start of the system on this machine as docs/images/cold-start.svg: what the terminal shows, when it shows it.

Runs src/Local, sends one request to a workload at zero, and draws what came: nothing is made up, and nothing is sped up.
Needs Python, curl and the .NET SDK.   tools/Demo/record.py [--port-offset N]
"""
import html
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
OUTPUT = os.path.join(ROOT, "docs", "images", "cold-start.svg")
ENDS = "released"
WIDEST = 92  # of the answer, which is cut there
PAUSE = 4.0  # seconds for which the end stays on the screen before it begins again
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#f2cc60", "36": "#79c0ff"}
CHARACTER, LINE, MARGIN = 8.43, 20, 16


class Screen:
    """Lines of a program on a terminal of its own, each with the time at which it came."""

    def __init__(self, command):
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, start_new_session=True)
        os.close(theirs)
        self.lines, self.changed = [], threading.Condition()
        threading.Thread(target=self._read, args=(os.fdopen(ours, "rb", buffering=0),), daemon=True).start()

    def _read(self, terminal):
        rest = b""
        try:
            while chunk := terminal.read(4096):
                *whole, rest = (rest + chunk).split(b"\n")
                with self.changed:
                    now = time.monotonic()
                    self.lines += [(now, line.decode("utf-8", "replace").rstrip("\r")) for line in whole]
                    self.changed.notify_all()
        except OSError:
            pass  # the terminal is gone with the program

    def wait(self, what, since=0, seconds=600):
        with self.changed:
            if not self.changed.wait_for(lambda: any(what in plain(text) for _, text in self.lines[since:]), timeout=seconds):
                sys.exit(f"Not within {seconds} s: {what}\n" + "\n".join(text for _, text in self.lines))
            return next(text for _, text in self.lines[since:] if what in plain(text))

    def stop(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=60)


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", text)


def record(options):
    screen = Screen(["dotnet", "run", "--project", "src/Local", "--", *options])
    try:
        command = plain(screen.wait("Ready. Try: ")).split("Try: ")[1].strip()
        seen, began = len(screen.lines), time.monotonic()
        answer = subprocess.run([*command.split(), "-sS"], capture_output=True, text=True, check=True).stdout
        answered = time.monotonic()
        screen.wait(ENDS, since=seen, seconds=30)
        told = [(at - began, text) for at, text in screen.lines[seen:] if at <= answered + 0.5]
        return command, began, told, (answered - began, answer.strip())
    finally:
        screen.stop()


def spans(text):
    """The text's pieces, each with its colour."""
    colour = None
    for code, piece in re.findall(r"(?:\x1b\[([0-9;]*)m)?([^\x1b]*)", re.sub(r"\x1b\[[?0-9;]*[a-ln-zA-Z]|\x1b[=>]", "", text)):
        colour = COLOURS.get(code) if code else colour
        if piece:
            yield colour, piece


def cut(line):
    return line if len(line) <= WIDEST else f"{line[:WIDEST]} …"


def draw(command, told, answered):
    after, answer = answered
    lines = [(0.0, f"\x1b[33m$\x1b[0m {command}")] + sorted(told + [(after, cut(line)) for line in answer.splitlines()], key=lambda line: line[0])
    length = max(at for at, _ in lines) + PAUSE
    width = round(max(len(plain(text)) for _, text in lines) * CHARACTER + 2 * MARGIN)
    height = len(lines) * LINE + 2 * MARGIN
    style, body = [], []
    for number, (at, text) in enumerate(lines):
        percent = 100 * at / length
        style.append(f"@keyframes l{number}{{0%,{percent:.3f}%{{opacity:0}}{percent + 0.001:.3f}%,100%{{opacity:1}}}}.l{number}{{animation-name:l{number}}}")
        pieces = "".join(f'<tspan fill="{colour or "#e6edf3"}">{html.escape(piece)}</tspan>' for colour, piece in spans(text))
        body.append(f'<text class="l l{number}" x="{MARGIN}" y="{MARGIN + number * LINE + 14}" xml:space="preserve">{pieces}</text>')
    style = "".join(style)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>A cold start: one request to a workload at zero, and what happens until it is answered {after:.1f} s later</title>
<style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}}.l{{animation-duration:{length:.3f}s;animation-iteration-count:infinite}}{style}@media(prefers-reduced-motion:reduce){{.l{{animation:none}}}}</style>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
{chr(10).join(body)}
</svg>
"""


def main():
    command, _, told, answered = record(sys.argv[1:])
    with open(OUTPUT, "w", encoding="utf-8") as file:
        file.write(draw(command, told, answered))
    print(f"{os.path.relpath(OUTPUT)}: answered after {answered[0]:.1f} s")


if __name__ == "__main__":
    main()
