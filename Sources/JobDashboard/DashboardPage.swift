/// The page that shows a job, in one piece: it asks nobody but the process that gave it.
enum DashboardPage {
    static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Scriptorium</title>
        <link rel="icon" href="data:,">
        <style>\(style)</style>
        </head>
        \(body)
        <script>\(script)</script>
        </html>
        """

    private static let body = #"""
        <body>
        <header>
          <h1 id="job">Scriptorium</h1>
          <p><span id="phase" class="chip">…</span> <span id="link" role="status">connecting</span></p>
        </header>
        <form id="login" hidden>
          <label for="token">Token of <code>--http-token</code></label>
          <input id="token" type="password" autocomplete="current-password" required>
          <button>Show the job</button>
          <p id="denied" role="alert"></p>
        </form>
        <main id="main" hidden>
          <section aria-labelledby="h-progress">
            <h2 id="h-progress">Progress</h2>
            <div class="bar" id="bar" role="progressbar" aria-labelledby="h-progress" aria-valuemin="0"
              aria-valuemax="100"><div id="fill"></div></div>
            <p class="big" id="left"></p>
            <dl class="tiles">
              <div><dt>Rows</dt><dd id="rows"></dd></div>
              <div><dt>Audio</dt><dd id="audio"></dd></div>
              <div><dt>Speed</dt><dd id="speed"></dd></div>
              <div><dt>Workers</dt><dd id="workers"></dd></div>
              <div><dt>Failed rows</dt><dd id="failed"></dd></div>
              <div><dt>Running for</dt><dd id="elapsed"></dd></div>
            </dl>
            <div id="time" hidden>
              <h3 id="h-time">Time of all workers' threads, last minute</h3>
              <div id="stages"></div>
              <ul id="legend" aria-hidden="true"></ul>
              <p class="note" id="bound" hidden>The job waits for audio: threads that compute have nothing to do while
                recordings are fetched and decoded.</p>
            </div>
          </section>
          <section aria-labelledby="h-speed" id="speedsection">
            <h2 id="h-speed">Speed over time</h2>
            <p class="note" id="speednote">Audio seconds transcribed in a second</p>
            <div id="chart"></div>
          </section>
          <section aria-labelledby="h-failures">
            <h2 id="h-failures">Rows that failed</h2>
            <p class="note" id="nofailures">None so far.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Codes of failure"><table id="failures" hidden>
              <thead><tr><th scope="col">Code</th><th scope="col" class="n">Rows</th><th scope="col">Rows behind it</th></tr></thead>
              <tbody></tbody>
            </table></div>
            <p id="bystatus" hidden><button id="allrejected">Show rejected rows</button>
              <button id="allquarantined">Show quarantined rows</button></p>
            <div id="examples" hidden>
              <h3 id="h-examples"></h3>
              <label for="search">Search</label> <input id="search" type="search" placeholder="path, message, worker">
              <span class="note" id="examplesnote" role="status"></span>
              <div class="scroll" tabindex="0" role="region" aria-labelledby="h-examples"><table id="examplerows">
                <thead><tr><th scope="col" class="n">Row</th><th scope="col">Code</th><th scope="col">What happened</th>
                  <th scope="col">Worker</th><th scope="col">Input</th><th scope="col">Audio</th></tr></thead><tbody></tbody></table></div>
            </div>
            <div id="retry" hidden><p>Quarantined rows are tried again by the job's own command with
              <code>--retry-quarantined</code><span id="retrylive">, or while it runs by:</span></p>
              <p id="retryline"><code id="retrycommand"></code> <button id="copy">Copy</button>
                <span class="note" id="copied" role="status"></span></p></div>
          </section>
          <section aria-labelledby="h-transcripts">
            <h2 id="h-transcripts">Newest transcripts</h2>
            <p class="note">Marked: words of which the model was not sure (confidence below 0.5).</p>
            <p id="player" hidden><audio id="audioplayer" controls preload="none" aria-label="Audio of a row"></audio>
              <span class="note" id="playing" role="status"></span></p>
            <ul id="transcripts"></ul>
          </section>
          <section aria-labelledby="h-workers">
            <h2 id="h-workers">Workers</h2>
            <label for="filter">Filter</label> <input id="filter" type="search" placeholder="host, state, class">
            <p class="note" id="workersnote"></p>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of workers"><table id="fleet">
              <thead><tr><th scope="col">Slot</th><th scope="col">State</th><th scope="col" class="n">Speed</th>
                <th scope="col" class="n">Rows held</th><th scope="col" class="n">In engine</th>
                <th scope="col" class="n">Heard</th><th scope="col" class="n">Cores</th>
                <th scope="col" class="n">Memory</th><th scope="col">Time, last minute</th>
                <th scope="col">Class</th></tr></thead><tbody></tbody>
            </table></div>
            <div id="past" hidden><h3 id="h-past">Workers that transcribed rows</h3>
              <div class="scroll" tabindex="0" role="region" aria-labelledby="h-past"><table id="pastworkers">
                <thead><tr><th scope="col">Slot</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Audio</th></tr></thead>
                <tbody></tbody></table></div></div>
          </section>
          <section aria-labelledby="h-notices">
            <h2 id="h-notices">Notices</h2>
            <p class="note" id="nonotices">None so far.</p>
            <ol id="notices" reversed tabindex="0" aria-label="Notices, the newest first"></ol>
          </section>
        </main>
        </body>
        """#

    static let style = #"""
        :root{--ink:#1b2129;--dim:#57606a;--paper:#fff;--card:#f4f6f8;--line:#d0d7de;--good:#1a7f37;--warn:#8a5300;
          --bad:#b3261e;--mark:#0a62c9}
        @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa5b1;--paper:#0f141a;--card:#171e26;
          --line:#303a45;--good:#4cc76a;--warn:#e0a63a;--bad:#ff7b72;--mark:#6cb0ff}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);
          font:16px/1.45 system-ui,sans-serif}
        header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline;justify-content:space-between}
        h1{font-size:1.4rem;margin:0;overflow-wrap:anywhere}h2{font-size:1rem;margin:0 0 .5rem}
        header p{margin:0;color:var(--dim)}section{background:var(--card);border:1px solid var(--line);
          border-radius:.5rem;padding:1rem;margin:1rem 0}
        .chip{display:inline-block;padding:.05rem .6rem;border-radius:1rem;border:1px solid currentColor;
          color:var(--good)}.chip.paused,.chip.draining{color:var(--warn)}.chip.stopped{color:var(--bad)}
        .bar{height:1.1rem;border-radius:.3rem;background:var(--line);overflow:hidden}
        #fill{height:100%;width:0;background:var(--mark)}
        .big{font-size:1.15rem;margin:.5rem 0 1rem}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.8rem;margin:0}
        dt{color:var(--dim);font-size:.85rem}dd{margin:0;font-size:1.05rem;font-variant-numeric:tabular-nums}
        .note{color:var(--dim);margin:.2rem 0;font-size:.9rem}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
        th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
        .n{text-align:right;font-variant-numeric:tabular-nums}
        svg{width:100%;height:auto;display:block}svg text{fill:var(--dim);font:12px system-ui,sans-serif}
        .grid{stroke:var(--line)}.curve{fill:none;stroke:var(--mark);stroke-width:2;vector-effect:non-scaling-stroke}
        h3{font-size:.95rem;margin:1rem 0 .4rem}ul{margin:0;padding-left:1.2rem}#transcripts li{margin:.4rem 0}
        mark{background:none;color:inherit;text-decoration:underline wavy var(--warn)}small{color:var(--dim);display:block}
        #examplerows td{vertical-align:top}#examplerows td:nth-child(3),#examplerows td:nth-child(5){white-space:normal;
          overflow-wrap:anywhere;min-width:16rem;unicode-bidi:plaintext}
        ol{margin:0;padding-left:2.5rem;max-height:22rem;overflow-y:auto;font:13px/1.5 ui-monospace,monospace}
        li{overflow-wrap:anywhere;unicode-bidi:plaintext}code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
        input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--dim);
          border-radius:.3rem;padding:.25rem .5rem}
        .stages{display:flex;height:.9rem;min-width:9rem;border-radius:.2rem;overflow:hidden;background:var(--line)}
        .stages div{height:100%}.s0{background:#0072b2}.s1{background:#56b4e9}.s2{background:#009e73}
        .s3{background:#f0e442}.s4{background:#d55e00}.s5{background:#9aa5b1}
        #legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem;margin:.4rem 0}
        #legend span{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;margin-right:.35rem}
        audio{vertical-align:middle;max-width:100%}#transcripts button{font-size:.8rem;padding:0 .4rem}
        :focus-visible{outline:3px solid var(--mark);outline-offset:2px}#denied{color:var(--bad)}
        """#
}
