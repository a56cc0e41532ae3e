// What the page of claims adds to the look of the reports.

namespace Fathom.Claims.Page;

/// <summary>The style sheet.</summary>
static class PageStyle
{
    /// <summary>Rules after those of the reports.</summary>
    public const string Css = """
        :root { --c1: #2f6fde; --c2: #c77d0a; --c3: #128a5c; --c4: #8650d6; --c5: #c8413a; --c6: #0d8a9c; --c7: #a8327f; --c8: #6f7f1f; --c9: #7a5c3e; --c10: #5a6b84; --c11: #3949ab; --c12: #b5651d; }
        @media (prefers-color-scheme: dark) { :root { --c1: #6ea2ff; --c2: #eeb04a; --c3: #4fcb96; --c4: #b794f6; --c5: #f2837c; --c6: #4fc3d6; --c7: #e783c3; --c8: #b9cc5a; --c9: #c9a27e; --c10: #9aabc4; --c11: #93a0ff; --c12: #e39a5b; } }
        a { color: var(--pretrain); }
        nav { margin: 18px 0 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
        header dl { margin: 12px 0 0; font-size: 13px; color: var(--dim); display: grid; grid-template-columns: max-content 1fr; gap: 0 10px; } header dd { margin: 0; } header dt { font-weight: 600; }
        .tile i { font-style: normal; margin-right: 6px; }
        .map { display: grid; gap: 8px 16px; grid-template-columns: max-content 1fr; align-items: baseline; margin-top: 14px; padding: 14px 18px; }
        .map > span { color: var(--dim); font-size: 13px; } .map > div { display: flex; flex-wrap: wrap; gap: 5px; }
        .chip { border: 1px solid; border-radius: 6px; padding: 0 7px; font-size: 12.5px; text-decoration: none; white-space: nowrap; }
        .holds { color: var(--right); } .corrected { color: var(--sft); } .quoted, .notmeasured { color: var(--dim); } .reproduced { color: var(--pretrain); } .notreproduced { color: var(--wrong); }
        .badge { border: 1px solid; border-radius: 99px; padding: 1px 10px; font-size: 12.5px; font-weight: 600; white-space: nowrap; background: color-mix(in srgb, currentColor 10%, transparent); }
        .chip { background: color-mix(in srgb, currentColor 8%, transparent); } .badge.notmeasured, .chip.notmeasured { border-style: dashed; background: none; }
        .claims { padding: 2px 18px; margin-top: 14px; }
        .claim { display: grid; grid-template-columns: 44px minmax(0, 1fr) 250px; gap: 2px 16px; padding: 14px 0; border-bottom: 1px solid var(--rule); }
        .claim:last-child { border-bottom: 0; } .claim > a { font-weight: 600; text-decoration: none; } .claim h3 { display: block; font-size: 15px; font-weight: 600; }
        @media (max-width: 760px) { .claim { grid-template-columns: 36px minmax(0, 1fr); } .claim aside { grid-column: 2; } .map { grid-template-columns: 1fr; gap: 2px; } .map > div { margin-bottom: 8px; } }
        .claim:target { background: var(--band); box-shadow: -18px 0 var(--band), 18px 0 var(--band); }
        .claim p { margin: 3px 0 0; overflow-wrap: anywhere; } .claim aside { font-size: 12.5px; color: var(--dim); } .claim aside p { margin-top: 5px; }
        abbr { text-decoration: underline dotted; cursor: help; }
        code { font: 12px/1.4 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; background: var(--band); border-radius: 4px; padding: 1px 4px; }
        details { margin-top: 6px; font-size: 13.5px; } summary { cursor: pointer; color: var(--dim); }
        .scroll { overflow-x: auto; } .roomy .scroll > svg { min-width: 1040px; }
        .plate { margin-top: 14px; padding: 14px 16px 12px; } .plate h3 { font-size: 15px; } figcaption p { min-height: 0; font-size: 13.5px; max-width: 96ch; }
        .charts .plate { margin-top: 0; } .charts figcaption p { min-height: 2.8em; font-size: 12.5px; }
        caption { text-align: left; color: var(--dim); font-size: 13px; padding: 8px 0 2px; }
        th, td, th:first-child { text-align: left; white-space: normal; padding: 5px 10px 5px 0; vertical-align: top; } .n { text-align: right; white-space: nowrap; }
        .box { fill: var(--card); stroke: var(--dim); stroke-width: 1.2; } .box.pretrain { stroke: var(--pretrain); fill: color-mix(in srgb, var(--pretrain) 9%, var(--card)); }
        .box.sft { stroke: var(--sft); fill: color-mix(in srgb, var(--sft) 9%, var(--card)); } .box.rl { stroke: var(--rl); fill: color-mix(in srgb, var(--rl) 9%, var(--card)); }
        .box.evaluate { stroke: var(--evaluate); fill: color-mix(in srgb, var(--evaluate) 9%, var(--card)); } .box.absent { stroke-dasharray: 3 4; }
        svg .name { font-size: 13px; font-weight: 600; fill: var(--ink); } svg .ink { fill: var(--ink); } svg .strong { fill: var(--ink); font-weight: 600; } svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
        .flow { fill: none; stroke: var(--ink); stroke-width: 1.4; } .flow.data { stroke-dasharray: 6 4; stroke: var(--dim); } .tip { fill: var(--ink); } .tip.data { fill: var(--dim); }
        .axis { stroke: var(--dim); } .curves { margin: 10px 0 4px; } .measured table { width: auto; min-width: 60%; font-size: 13.5px; } .measured td, .measured th { padding: 3px 18px 3px 0; } .curves svg { max-width: 460px; }
        .below { margin: 10px 0 0; padding: 6px 16px 12px; } .below ol { padding-left: 20px; } .below p.note { font-size: 13px; }
        .grid-table td, .grid-table th { width: 20%; padding: 8px 10px; font-size: 13.5px; border: 1px solid var(--rule); } .grid-table tr:last-child td { border-bottom: 1px solid var(--rule); }
        .grid-table .done { background: color-mix(in srgb, var(--right) 9%, var(--card)); } .grid-table .none { color: var(--dim); background: var(--band); font-style: italic; } .grid-table b { color: var(--ink); } .grid-table .badge { display: inline-block; margin-bottom: 4px; white-space: normal; }
        .scores th, .scores td { padding: 3px 10px 3px 0; vertical-align: baseline; font-size: 13.5px; } .scores thead td, .scores tr:last-child th[scope=row] { border-bottom: 0; } .scores .best { font-weight: 700; color: var(--right); } .scores .group > * { background: var(--band); font-weight: 600; color: var(--ink); } .scores th[scope=row] { color: var(--ink); } .scores sup { font-size: 10px; } .roomy .scroll > table { min-width: 760px; }
        """;
}
