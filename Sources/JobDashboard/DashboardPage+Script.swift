extension DashboardPage {
    /// Everything from outside becomes text, never markup.
    static let script = #"""
        "use strict";
        const $ = id => document.getElementById(id);
        const workersShown = 200;
        let token = "", points = [], fleet = [], lastNotice = 0, hasTitle = false, isEnded = false;
        try { token = sessionStorage.getItem("token") || ""; } catch { }

        const ask = (path, signal) => fetch("api/v1/" + path, {
          headers: token ? { Authorization: "Bearer " + token } : {}, cache: "no-store", signal });
        const whole = new Intl.NumberFormat("en");
        const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

        function time(seconds) {
          const s = Math.round(seconds);
          if (s < 60) return s + " s";
          if (s < 3600) return Math.floor(s / 60) + " min " + s % 60 + " s";
          if (s < 172800) return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
          return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
        }

        function show(s) {
          const done = s.transcribed + s.rejected + s.quarantined;
          const share = s.audio_seconds > 0 ? s.audio_seconds_done / s.audio_seconds : s.rows ? done / s.rows : 1;
          const percent = s.phase === "finished" ? 100 : Math.min(100, 100 * share);
          $("phase").textContent = s.phase + (s.pauses.length ? ": " + s.pauses.join(", ") : "");
          $("phase").className = "chip " + s.phase;
          $("fill").style.width = percent + "%";
          $("bar").setAttribute("aria-valuenow", percent.toFixed(1));
          let left = percent.toFixed(1) + " %";
          if (s.remaining_seconds !== undefined && done < s.rows) {
            left += ", about " + time(s.remaining_seconds) + " left";
            if (s.remaining_seconds_min !== undefined)
              left += " (" + time(s.remaining_seconds_min) + " to " + time(s.remaining_seconds_max) + ")";
            left += ", until " + new Date(Date.now() + 1000 * s.remaining_seconds).toLocaleString(undefined,
              { weekday: "short", hour: "2-digit", minute: "2-digit" });
          }
          $("left").textContent = left;
          document.title = Math.floor(percent) + " % " + $("job").textContent;
          $("rows").textContent = whole.format(done) + " of " + whole.format(s.rows);
          $("audio").textContent = time(s.audio_seconds_done) + " of " + time(s.audio_seconds);
          $("speed").textContent = s.rtfx > 0 ? "RTFx " + tenth.format(s.rtfx) : "not known yet";
          $("workers").textContent = whole.format(s.workers) + ", " + whole.format(s.workers_computing) + " computing" +
            (s.workers_lost ? ", " + whole.format(s.workers_lost) + " lost" : "");
          $("failed").textContent = whole.format(s.rejected) + " rejected, " + whole.format(s.quarantined) + " quarantined";
          $("elapsed").textContent = time(s.elapsed_seconds);
          const codes = Object.entries(s.failures);
          $("nofailures").hidden = codes.length > 0;
          $("failures").hidden = codes.length === 0;
          $("retry").hidden = s.quarantined === 0;
          rows($("failures"), codes.map(([code, count]) => [code, whole.format(count), null]), [1]);
          codes.forEach(([code], y) => {
            const cell = $("failures").tBodies[0].rows[y].cells[2];
            const button = cell.querySelector("button") || cell.appendChild(document.createElement("button"));
            button.textContent = "show";
            button.setAttribute("aria-label", "Show the newest rows with " + code);
            button.onclick = () => showExamples(code);
          });
          const last = points[points.length - 1];
          const period = Math.max(1, s.elapsed_seconds / 512);
          if (!last || s.elapsed_seconds - last[0] >= period) {
            points.push([s.elapsed_seconds, s.rtfx, s.workers]);
            if (points.length > 1024) points = points.filter((_, i) => i % 2 === 0);
            draw();
          }
          isEnded = s.phase === "finished" || s.phase === "stopped";
        }

        function rows(table, lines, numeric) {
          const body = table.tBodies[0];
          while (body.rows.length > lines.length) body.deleteRow(-1);
          lines.forEach((line, y) => {
            const row = body.rows[y] || body.insertRow();
            line.forEach((text, x) => {
              const cell = row.cells[x] || row.insertCell();
              if (text !== null && cell.textContent !== text) cell.textContent = text;
              cell.className = numeric.includes(x) ? "n" : "";
            });
          });
        }

        function draw() {
          const names = "http://www.w3.org/2000/svg", width = Math.max(280, $("chart").clientWidth), height = 180, left = 46, bottom = 22;
          const known = points.filter(p => p[1] > 0);
          const top = Math.max(1, ...known.map(p => p[1])) * 1.08, end = Math.max(1, points[points.length - 1][0]);
          const svg = document.createElementNS(names, "svg");
          svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
          svg.setAttribute("role", "img");
          svg.setAttribute("aria-label", known.length ? "Real-time factor from " + tenth.format(known[0][1]) + " to " +
            tenth.format(known[known.length - 1][1]) + " over " + time(end) : "No speed is known yet");
          const add = (name, attributes, text) => {
            const element = document.createElementNS(names, name);
            for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
            if (text !== undefined) element.textContent = text;
            svg.append(element);
          };
          const x = seconds => left + (width - left - 8) * seconds / end;
          const y = speed => height - bottom - (height - bottom - 10) * speed / top;
          for (const share of [0, .5, 1]) {
            const value = share * top / 1.08;
            add("line", { class: "grid", x1: left, x2: width - 8, y1: y(value), y2: y(value) });
            add("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, tenth.format(value));
          }
          for (const share of [0, .5, 1]) add("text", { x: x(share * end), y: height - 6,
            "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle" }, time(share * end));
          if (known.length > 1) add("polyline", { class: "curve",
            points: known.map(p => x(p[0]).toFixed(1) + "," + y(p[1]).toFixed(1)).join(" ") });
          $("chart").replaceChildren(svg);
        }

        function showFleet() {
          const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
          const found = fleet.filter(w => words.every(word =>
            (w.slot + " " + w.state + " " + w.arithmetic + " " + w.build).toLowerCase().includes(word)));
          rows($("fleet"), found.slice(0, workersShown).map(w => [w.slot, w.state, tenth.format(w.rtfx),
            whole.format(w.rows_held), whole.format(w.rows_in_engine), time(w.silent_seconds) + " ago",
            whole.format(w.cores), w.arithmetic]), [2, 3, 4, 5, 6]);
          $("workersnote").textContent = found.length > workersShown
            ? whole.format(workersShown) + " of " + whole.format(found.length) + " are shown; filter for others"
            : fleet.length ? whole.format(found.length) + " of " + whole.format(fleet.length) : "Nobody is connected.";
        }

        let examples = [];

        async function showExamples(code) {
          try {
            const answer = await ask("rows?code=" + encodeURIComponent(code));
            if (!answer.ok) return;
            examples = (await answer.json()).rows;
            $("h-examples").textContent = "The newest rows with " + code + " (50 at most)";
            $("examples").hidden = false;
            filterExamples();
          } catch { }
        }

        function filterExamples() {
          const word = $("search").value.toLowerCase();
          const lines = examples.map(r => [whole.format(r.row), r.detail || "\u2013", r.slot || "\u2013", r.input || "\u2013"])
            .filter(line => line.join(" ").toLowerCase().includes(word));
          rows($("examplerows"), lines, [0]);
        }

        async function refreshTranscripts() {
          if (document.hidden || $("main").hidden || isEnded) return;
          try {
            const answer = await ask("transcripts");
            if (!answer.ok) return;
            $("transcripts").replaceChildren(...(await answer.json()).rows.map(r => {
              const item = document.createElement("li");
              const place = document.createElement("small");
              place.textContent = "row " + whole.format(r.row) + (r.audio ? ", " + r.audio : "");
              item.append(place);
              if (r.words.length) r.words.forEach((w, i) => {
                const word = document.createElement(w.confidence < 0.5 ? "mark" : "span");
                word.textContent = w.word;
                item.append(i ? " " : "", word);
              });
              else item.append(r.text || "(no words)");
              return item;
            }));
          } catch { }
        }

        async function refreshWorkers() {
          if (document.hidden || $("main").hidden || isEnded) return;
          try {
            const answer = await ask("workers");
            if (answer.ok) { fleet = (await answer.json()).workers; showFleet(); }
          } catch { }
        }

        async function refreshNotices(newest) {
          if (newest === lastNotice) return;
          lastNotice = newest;
          const answer = await ask("notices");
          if (!answer.ok) return;
          const notices = (await answer.json()).notices;
          $("nonotices").hidden = notices.length > 0;
          $("notices").start = notices.length ? notices[notices.length - 1].number : 1;
          $("notices").replaceChildren(...notices.reverse().map(n => {
            const item = document.createElement("li");
            item.value = n.number;
            item.textContent = n.text;
            return item;
          }));
        }

        async function begin() {
          const answer = await ask("status");
          if (answer.status === 401) {
            $("login").hidden = false;
            $("main").hidden = true;
            $("denied").textContent = token ? "That token is not the job's." : "";
            $("link").textContent = "a token is needed";
            return false;
          }
          if (!answer.ok) {
            $("link").textContent = (await answer.text()).trim();
            return false;
          }
          const first = await answer.json();
          $("job").textContent = first.job;
          $("login").hidden = true;
          $("main").hidden = false;
          points = (await (await ask("history")).json()).points;
          show(first.status);
          if (points.length) draw();
          await refreshWorkers();
          await refreshTranscripts();
          return true;
        }

        async function follow() {
          const answer = await ask("stream");
          if (!answer.ok) throw new Error();
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          let text = "";
          while (true) {
            const { value, done } = await reader.read();
            if (done) return;
            text += value;
            const events = text.split("\n\n");
            text = events.pop();
            if (!events.length) continue;
            const state = JSON.parse(events[events.length - 1].slice(6));
            $("link").textContent = "live";
            show(state.status);
            refreshNotices(state.notice);
          }
        }

        async function run() {
          for (let pause = 1000; ; pause = Math.min(30000, pause * 2)) {
            try {
              if (!await begin()) return;
              await follow();
              pause = 500;
            } catch { }
            if (isEnded) { $("link").textContent = "the job has ended"; return; }
            $("link").textContent = "not connected; asking again";
            await new Promise(resolve => setTimeout(resolve, pause));
          }
        }

        $("filter").addEventListener("input", showFleet);
        $("login").addEventListener("submit", event => {
          event.preventDefault();
          token = $("token").value.trim();
          try { sessionStorage.setItem("token", token); } catch { }
          run();
        });
        addEventListener("resize", () => { if (points.length) draw(); });
        $("search").addEventListener("input", filterExamples);
        setInterval(refreshWorkers, 3000);
        setInterval(refreshTranscripts, 5000);
        run();
        """#
}
