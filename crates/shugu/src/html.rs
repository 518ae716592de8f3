//! Pages that stand alone: everything is in the file, and they print.

/// What a browser may not take for its own.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A cell of a table.
pub(crate) struct Cell {
    html: String,
    right: bool,
    /// Dates and other short words stay on one line.
    whole: bool,
}

impl Cell {
    /// Words.
    pub(crate) fn text(text: impl AsRef<str>) -> Cell {
        Cell { html: escape(text.as_ref()), right: false, whole: text.as_ref().chars().count() <= 12 }
    }

    /// A number, flush right.
    pub(crate) fn number(text: impl AsRef<str>) -> Cell {
        Cell { html: escape(text.as_ref()), right: true, whole: true }
    }

    /// The address of a source, short, with a link where it is one.
    pub(crate) fn source(source: &str) -> Cell {
        Cell { html: link(source), right: false, whole: false }
    }
}

/// Addresses in a source become links; what is beside them stays.
pub(crate) fn link(source: &str) -> String {
    let word = |word: &str| {
        let address = word.trim_end_matches([',', ';', ')']);
        if !address.starts_with("http://") && !address.starts_with("https://") {
            return escape(word);
        }
        let host = address.split('/').nth(2).unwrap_or(address);
        format!("<a href=\"{}\">{}</a>{}", escape(address), escape(host), escape(&word[address.len()..]))
    };
    source.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A table with a header.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<Cell>>) -> String {
    let rights: Vec<bool> =
        (0..header.len()).map(|at| rows.iter().any(|row| row.get(at).is_some_and(|cell| cell.right))).collect();
    let class = |right: bool| if right { " class=r" } else { "" };
    let mut out = "<table><thead><tr>".to_owned();
    for (name, right) in header.iter().zip(&rights) {
        out.push_str(&format!("<th{}>{}</th>", class(*right), escape(name)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for cell in &row {
            let class = if cell.right {
                " class=r"
            } else if cell.whole {
                " class=w"
            } else {
                ""
            };
            out.push_str(&format!("<td{class}>{}</td>", cell.html));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    out
}

const STYLE: &str = "
:root{--ink:#1d2530;--soft:#5b6675;--line:#d8dde4;--accent:#0b5f8a;--paper:#fff}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:2.5rem 1.5rem;font:15px/1.5 system-ui,'Noto Sans','Noto Sans CJK SC','PingFang SC',sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:2rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.4rem 0 .6rem;padding-bottom:.2rem;border-bottom:2px solid var(--accent)}
p{margin:.4rem 0}.lead{font-size:1.05rem;color:var(--soft)}.small{font-size:.8rem;color:var(--soft)}.total{font-size:1.2rem;text-align:right}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.86rem}th{text-align:left;color:var(--soft);font-weight:600;border-bottom:1px solid var(--ink)}
th,td{padding:.28rem .6rem .28rem 0;vertical-align:top}td{border-bottom:1px solid var(--line)}th.r,td.r{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.w,th{white-space:nowrap}a{color:var(--accent);text-decoration:none}code{font-size:.9em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.8rem;margin:1.2rem 0}
.card{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;break-inside:avoid}.card b{display:block;font-size:1.35rem;line-height:1.25;color:var(--accent)}
.card span{color:var(--soft);font-size:.85rem}.bar{height:.6rem;background:var(--line);border-radius:.3rem;overflow:hidden}.bar i{display:block;height:100%;background:var(--accent)}
figure{margin:1rem 0;break-inside:avoid}figure svg{width:100%;height:auto}figcaption{font-size:.8rem;color:var(--soft)}
ul.plain{padding-left:1.1rem}li{margin:.25rem 0}
@media print{@page{size:A4;margin:14mm}html{font-size:9pt}body{padding:0;max-width:none;font-size:9pt}table{font-size:7.4pt}h2{break-after:avoid}tr{break-inside:avoid}a{color:inherit}}
";

/// A whole page.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        escape(title)
    )
}
