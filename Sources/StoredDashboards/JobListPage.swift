internal import HTTPService
internal import JobDashboard

/// The page that lists several jobs.
enum JobListPage {
    static let reply = ScriptedPage.reply(text, script: script, style: style)

    private static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Scriptorium: jobs</title>
        <link rel="icon" href="data:,">
        <style>\(style)</style>
        </head>
        <body>
        <main>
          <h1>Jobs</h1>
          <form id="login" hidden>
            <label for="token">Token of <code>--http-token</code></label>
            <input id="token" type="password" autocomplete="current-password" required>
            <button>Show the jobs</button>
            <p id="denied" role="alert"></p>
          </form>
          <div class="scroll" tabindex="0" role="region" aria-label="Jobs"><table id="jobs" hidden>
            <thead><tr><th scope="col">Job</th><th scope="col">Phase</th><th scope="col" class="n">Rows</th>
              <th scope="col" class="n">Transcribed</th><th scope="col" class="n">Failed</th></tr></thead>
            <tbody></tbody></table></div>
        </main>
        </body>
        <script>\(script)</script>
        </html>
        """

    private static let script = #"""
        "use strict";
        const $ = id => document.getElementById(id), whole = new Intl.NumberFormat("en");
        let token = "";
        try { token = sessionStorage.getItem("token") || ""; } catch { }

        async function refresh() {
          if (document.hidden) return;
          let answer;
          try {
            answer = await fetch("api/v1/jobs", {
              headers: token ? { Authorization: "Bearer " + token } : {}, cache: "no-store" });
          } catch { return; }
          $("login").hidden = answer.status !== 401;
          $("jobs").hidden = !answer.ok;
          if (answer.status === 401) $("denied").textContent = token ? "That token is not the jobs'." : "";
          if (!answer.ok) return;
          $("jobs").tBodies[0].replaceChildren(...(await answer.json()).jobs.map(job => {
            const row = document.createElement("tr"), link = document.createElement("a");
            link.href = job.number + "/";
            link.textContent = job.job;
            row.insertCell().append(link);
            [job.phase, whole.format(job.rows), whole.format(job.transcribed),
              whole.format(job.rejected + job.quarantined)].forEach((text, i) => {
              const cell = row.insertCell();
              cell.textContent = text;
              if (i) cell.className = "n";
            });
            return row;
          }));
        }

        $("login").addEventListener("submit", event => {
          event.preventDefault();
          token = $("token").value.trim();
          try { sessionStorage.setItem("token", token); } catch { }
          refresh();
        });
        refresh();
        setInterval(refresh, 2000);
        """#

    private static let style = #"""
        :root{--ink:#1b2129;--dim:#57606a;--paper:#fff;--line:#d0d7de;--mark:#0a62c9}
        @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa5b1;--paper:#0f141a;--line:#303a45;--mark:#6cb0ff}}
        body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);
          font:16px/1.45 system-ui,sans-serif}
        h1{font-size:1.4rem}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line)}
        td:first-child{overflow-wrap:anywhere}.n{text-align:right;font-variant-numeric:tabular-nums}
        a{color:var(--mark)}input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--dim);
          border-radius:.3rem;padding:.25rem .5rem}
        :focus-visible{outline:3px solid var(--mark);outline-offset:2px}
        """#
}
