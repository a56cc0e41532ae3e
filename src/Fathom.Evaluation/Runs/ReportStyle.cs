// The look of the reports of runs and evaluations, light and dark. Colours of stages: pretrain blue, sft amber, rl green, evaluate violet.

namespace Fathom.Evaluation.Runs;

/// <summary>The look of all pages.</summary>
public static class ReportStyle
{
    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1b2330; --dim: #68758a; --rule: #e3e7ed; --band: #f3f5f8;
          --pretrain: #2f6fde; --sft: #c77d0a; --rl: #128a5c; --evaluate: #8650d6; --right: #128a5c; --wrong: #c8413a; }
        @media (prefers-color-scheme: dark) { :root { --page: #12161d; --card: #1a2029; --ink: #e4e9f1; --dim: #8d9ab0; --rule: #2b3441; --band: #1f2731;
          --pretrain: #6ea2ff; --sft: #eeb04a; --rl: #4fcb96; --evaluate: #b794f6; --right: #4fcb96; --wrong: #f2837c; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
        main { max-width: 1220px; margin: 0 auto; padding: 36px 20px 64px; }
        h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -0.02em; }
        h2 { font-size: 18px; margin: 40px 0 12px; letter-spacing: -0.01em; }
        h3 { font-size: 14px; margin: 0; display: flex; justify-content: space-between; gap: 12px; }
        header p, figcaption p, .note { color: var(--dim); margin: 4px 0 0; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 22px; }
        .tile, figure, .card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; }
        .tile { padding: 14px 16px; }
        .tile b { display: block; font-size: 24px; line-height: 1.25; letter-spacing: -0.02em; }
        .tile span { color: var(--dim); font-size: 13px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 14px; }
        figure { margin: 0; padding: 14px 14px 6px; }
        @media (min-width: 760px) { .wide { grid-column: span 2; } }
        figcaption p { font-size: 12.5px; line-height: 1.4; min-height: 2.8em; }
        svg { display: block; width: 100%; height: auto; margin-top: 6px; overflow: visible; }
        svg text { font: 11px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--dim); }
        .grid { stroke: var(--rule); } .band { fill: var(--band); }
        .tick.y, .bounded { text-anchor: end; } .tick.x, .stage { text-anchor: middle; }
        .bound { stroke: var(--wrong); stroke-dasharray: 4 4; } svg .bounded { fill: var(--wrong); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; } .raw { opacity: .28; stroke-width: 1.2; }
        .line.pretrain, .error.pretrain { stroke: var(--pretrain); } .line.sft, .error.sft { stroke: var(--sft); }
        .line.rl, .error.rl { stroke: var(--rl); } .line.evaluate, .error.evaluate { stroke: var(--evaluate); stroke-width: 2; }
        .dot.pretrain, svg .stage.pretrain, svg .value.pretrain { fill: var(--pretrain); } .dot.sft, svg .stage.sft, svg .value.sft { fill: var(--sft); }
        .dot.rl, svg .stage.rl, svg .value.rl { fill: var(--rl); } .dot.evaluate, svg .stage.evaluate, svg .value.evaluate { fill: var(--evaluate); }
        svg .value { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
        .hover rect { fill: transparent; } .hover g { visibility: hidden; pointer-events: none; } .hover:hover g { visibility: visible; }
        .hover line { stroke: var(--dim); stroke-dasharray: 2 3; } .hover circle { fill: var(--ink); }
        svg .hover text { fill: var(--ink); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
        .card { overflow-x: auto; padding: 4px 18px; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: right; font-weight: 500; color: var(--dim); font-size: 13px; }
        th, td { padding: 9px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; } td { text-align: right; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; } tr:last-child td { border-bottom: 0; }
        tr.total td { font-weight: 600; }
        .bar { display: inline-block; vertical-align: middle; width: 110px; height: 7px; border-radius: 4px; background: var(--rule); margin-right: 10px; overflow: hidden; }
        .bar i { display: block; height: 100%; background: var(--evaluate); }
        .sample { padding: 14px 18px 18px; margin-bottom: 12px; }
        .sample h3 { display: block; font-size: 15px; white-space: pre-wrap; overflow-wrap: anywhere; } .sample h3 + p { margin: 2px 0 12px; color: var(--dim); font-size: 13px; }
        .answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 12px; }
        .response { border: 1px solid var(--rule); border-radius: 9px; padding: 10px 12px; }
        .response > p { margin: 0 0 6px; font-size: 12.5px; color: var(--dim); display: flex; justify-content: space-between; gap: 8px; }
        .right { color: var(--right); font-weight: 600; } .wrong { color: var(--wrong); font-weight: 600; } .response .right, .response .wrong { white-space: nowrap; }
        pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
        .think { color: var(--dim); opacity: .85; }
        footer { margin-top: 36px; color: var(--dim); font-size: 13px; }
        """;
}
