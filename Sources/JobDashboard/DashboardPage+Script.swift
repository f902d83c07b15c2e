extension DashboardPage {
    /// Everything from outside becomes text, never markup.
    static let script = #"""
        "use strict";
        const $ = id => document.getElementById(id);
        const workersShown = 200;
        const stageNames = { fetch: "fetching", decode: "decoding", compute: "computing", text: "making text",
          waiting: "waiting for audio", idle: "idle" };
        let token = "", points = [], fleet = [], lastNotice = -1, isEnded = false, isStored = false, hasAudio = false,
          playing = null;
        try { token = sessionStorage.getItem("token") || ""; } catch { }

        const ask = (path, signal) => fetch("api/v1/" + path, {
          headers: token ? { Authorization: "Bearer " + token } : {}, cache: "no-store", signal });
        const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
        const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
        const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

        function time(seconds) {
          const s = Math.round(seconds);
          if (s < 60) return s + " s";
          if (s < 3600) return Math.floor(s / 60) + " min " + s % 60 + " s";
          if (s < 172800) return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
          return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
        }

        const hours = seconds => seconds < 172800 ? time(seconds) : whole.format(seconds / 3600) + " h";

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
          $("audio").textContent = hours(s.audio_seconds_done) +
            (s.audio_seconds > 0 ? " of " + hours(s.audio_seconds) : "");
          $("speed").textContent = s.rtfx > 0 ? "RTFx " + tenth.format(s.rtfx) : "not known yet";
          $("workers").textContent = whole.format(s.workers) + ", " + whole.format(s.workers_computing) + " computing" +
            (s.workers_lost ? ", " + whole.format(s.workers_lost) + " lost" : "");
          $("failed").textContent = whole.format(s.rejected) + " rejected, " + whole.format(s.quarantined) + " quarantined";
          $("elapsed").textContent = time(s.elapsed_seconds);
          showTime(s);
          const codes = Object.entries(s.failures);
          $("bystatus").hidden = s.rejected + s.quarantined === 0;
          $("allrejected").hidden = s.rejected === 0;
          $("allquarantined").hidden = s.quarantined === 0;
          $("nofailures").hidden = codes.length > 0;
          $("failures").hidden = codes.length === 0;
          $("retry").hidden = s.quarantined === 0;
          rows($("failures"), codes.map(([code, count]) => [code, whole.format(count), null]), [1]);
          codes.forEach(([code], y) => {
            const cell = $("failures").tBodies[0].rows[y].cells[2];
            const button = cell.querySelector("button") || cell.appendChild(document.createElement("button"));
            button.textContent = "show";
            button.setAttribute("aria-label", "Show the newest rows with " + code);
            button.onclick = () => showExamples("code=" + encodeURIComponent(code), code);
          });
          const last = points[points.length - 1];
          const period = Math.max(1, s.elapsed_seconds / 512);
          if (isStored && !s.rtfx) points = [];
          else if (!last || s.elapsed_seconds - last[0] >= period) {
            points.push([s.elapsed_seconds, s.rtfx, s.workers]);
            if (points.length > 1024) points = points.filter((_, i) => i % 2 === 0);
            draw();
          }
          $("speedsection").hidden = isStored && points.length < 2;
          isEnded = s.phase === "finished" || s.phase === "stopped";
        }

        function stageBar(seconds, place) {
          const shares = Object.keys(stageNames).map(name => seconds[name] || 0);
          const total = shares.reduce((sum, share) => sum + share, 0);
          const words = Object.values(stageNames).map((name, i) => [name, total ? 100 * shares[i] / total : 0])
            .filter(pair => pair[1] >= 0.5).sort((a, b) => b[1] - a[1])
            .map(([name, percent]) => name + " " + Math.round(percent) + " %").join(", ");
          let bar = place.firstElementChild;
          if (!bar) {
            bar = place.appendChild(document.createElement("div"));
            bar.className = "stages";
            bar.setAttribute("role", "img");
            shares.forEach((_, i) => bar.appendChild(document.createElement("div")).className = "s" + i);
          }
          shares.forEach((share, i) => bar.children[i].style.width = (total ? 100 * share / total : 0) + "%");
          bar.setAttribute("aria-label", words || "not known yet");
          bar.title = words;
        }

        function showTime(s) {
          const seconds = s.stage_seconds_recent;
          $("time").hidden = !Object.values(seconds).some(share => share > 0);
          stageBar(seconds, $("stages"));
          if (!$("legend").children.length) Object.values(stageNames).forEach((name, i) => {
            const item = $("legend").appendChild(document.createElement("li"));
            item.appendChild(document.createElement("span")).className = "s" + i;
            item.append(name);
          });
          $("bound").hidden = !s.waiting_for_audio;
        }

        function bytes(count) {
          return count >= 1e9 ? tenth.format(count / 1e9) + " GB" : Math.round(count / 1e6) + " MB";
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
            add("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, short.format(value));
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
            whole.format(w.cores), w.memory_used_bytes ? bytes(w.memory_used_bytes) : "\u2013", null, w.arithmetic]),
            [2, 3, 4, 5, 6, 7]);
          found.slice(0, workersShown).forEach((w, y) =>
            stageBar(w.stage_seconds_recent || {}, $("fleet").tBodies[0].rows[y].cells[8]));
          $("workersnote").textContent = found.length > workersShown
            ? whole.format(workersShown) + " of " + whole.format(found.length) + " are shown; filter for others"
            : fleet.length ? whole.format(found.length) + " of " + whole.format(fleet.length) : "Nobody is connected.";
        }

        let examples = [];

        async function showExamples(query, name) {
          try {
            const answer = await ask("rows?" + query);
            if (!answer.ok) return;
            examples = (await answer.json()).rows;
            $("h-examples").textContent = "The newest rows with " + name;
            $("examples").hidden = false;
            filterExamples();
          } catch { }
        }

        function playButton(r) {
          const button = document.createElement("button");
          button.textContent = "play";
          button.setAttribute("aria-label", "Play the audio of row " + r.row);
          button.onclick = () => play(r);
          return button;
        }

        async function play(r) {
          const player = $("audioplayer"), path = "audio?row=" + r.row, start = r.offset || 0;
          const span = start || r.duration ? "#t=" + start + (r.duration ? "," + (start + r.duration) : "") : "";
          $("player").hidden = false;
          $("playing").textContent = "row " + whole.format(r.row);
          if (playing) URL.revokeObjectURL(playing);
          playing = null;
          try {
            if (token) playing = URL.createObjectURL(await fetched(path));
            player.src = (playing || "api/v1/" + path) + span;
            $("player").scrollIntoView({ block: "nearest" });
            await player.play();
          } catch (error) {
            $("playing").textContent = "row " + whole.format(r.row) + " cannot be played: " + error.message;
          }
        }

        // An element sends no token, so its file is taken in pieces here.
        async function fetched(path) {
          const pieces = [];
          let at = 0, total = 1, type = "";
          while (at < total) {
            const answer = await fetch("api/v1/" + path, { headers: { Authorization: "Bearer " + token,
              Range: "bytes=" + at + "-" }, cache: "no-store" });
            if (answer.status !== 206) throw new Error((await answer.text()).trim());
            type = answer.headers.get("Content-Type");
            total = Number(answer.headers.get("Content-Range").split("/")[1]);
            if (total > 64 * 1048576) throw new Error("with a token, at most 64 MiB are");
            const piece = await answer.arrayBuffer();
            if (!piece.byteLength) throw new Error("its file has become shorter");
            pieces.push(piece);
            at += piece.byteLength;
          }
          return new Blob(pieces, { type });
        }

        async function copyCommand() {
          try {
            await navigator.clipboard.writeText($("retrycommand").textContent);
            $("copied").textContent = "copied";
          } catch {
            getSelection().selectAllChildren($("retrycommand"));
            $("copied").textContent = "selected: copy it with the keyboard";
          }
        }

        function filterExamples() {
          const word = $("search").value.toLowerCase();
          const cut = text => !text ? "\u2013" : text.length > 400 ? text.slice(0, 400) + "\u2026" : text;
          const found = examples.filter(r => [whole.format(r.row), r.code, r.detail, r.slot, r.input].join(" ")
            .toLowerCase().includes(word)).map(r => [r, [whole.format(r.row), r.code, cut(r.detail), cut(r.slot),
            cut(r.input), null]]);
          const shown = found.slice(0, workersShown);
          rows($("examplerows"), shown.map(pair => pair[1]), [0]);
          shown.forEach(([r], y) => $("examplerows").tBodies[0].rows[y].cells[5]
            .replaceChildren(hasAudio ? playButton(r) : "\u2013"));
          $("examplesnote").textContent = whole.format(found.length) + " of " + whole.format(examples.length) +
            (found.length > shown.length ? ", the first " + shown.length + " are shown" : "");
        }

        async function refreshTranscripts(isFirst) {
          if (!isFirst && (document.hidden || $("main").hidden || isEnded)) return;
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
              if (hasAudio) item.append(" ", playButton(r));
              return item;
            }));
          } catch { }
        }

        async function refreshWorkers(isFirst) {
          if (!isFirst && (document.hidden || $("main").hidden || isEnded)) return;
          try {
            const answer = await ask("workers");
            if (!answer.ok) return;
            const all = await answer.json();
            fleet = all.workers;
            showFleet();
            $("past").hidden = !all.past.length;
            rows($("pastworkers"), all.past.slice(0, workersShown).map(w =>
              [w.slot, whole.format(w.rows), time(w.audio_seconds)]), [1, 2]);
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
          hasAudio = first.audio;
          isStored = first.stored;
          $("retrycommand").textContent = first.retry_command;
          $("retryline").hidden = $("retrylive").hidden = !first.retry_command;
          $("login").hidden = true;
          $("main").hidden = false;
          points = (await (await ask("history")).json()).points;
          show(first.status);
          if (points.length) draw();
          await refreshWorkers(true);
          await refreshTranscripts(true);
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
            show(state.status);
            $("link").textContent = isStored && isEnded ? "nobody works on it" : "live";
            if (isStored) { refreshWorkers(true); refreshTranscripts(true); }
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
            if (isEnded && !isStored) { $("link").textContent = "the job has ended"; return; }
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
        $("allrejected").onclick = () => showExamples("status=rejected", "any code of rejection");
        $("allquarantined").onclick = () => showExamples("status=quarantined", "any code of quarantine");
        $("copy").onclick = copyCommand;
        $("search").addEventListener("input", filterExamples);
        setInterval(() => refreshWorkers(false), 3000);
        setInterval(() => refreshTranscripts(false), 5000);
        run();
        """#
}
