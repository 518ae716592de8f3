//! `shugu top`: the hub as it goes on, in a terminal.

use std::io::IsTerminal as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use clap::Args;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Clear, Paragraph, Row, Table, TableState, Wrap};
use ratatui::{Frame, Terminal};
use serve::view::{HubView, JobList, JobView, PoolList, PoolView, TenantList, TenantView, WhyView};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, print};

#[derive(Debug, Args)]
#[command(
    after_help = "Keys: q ends, Tab or 1 2 3 change the page, arrows and Page Up/Down move, w says why a job waits, p pauses.\nColours are left out where NO_COLOR is set."
)]
pub(crate) struct Options {
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    every: f64,
    /// At most so many jobs of each state.
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: u32,
    /// Show it once, as text, and end.
    #[arg(long)]
    once: bool,
    /// Columns of what is shown once.
    #[arg(long, value_name = "COLUMNS", default_value_t = 120, requires = "once")]
    width: u16,
}

/// States in the order in which they are shown; what is over is not.
const STATES: [&str; 4] = ["running", "stopping", "placed", "waiting"];

const PAGES: [&str; 3] = ["Jobs", "Pools", "Tenants"];

/// The hub at a moment.
#[derive(Debug, Clone)]
struct Seen {
    hub: HubView,
    pools: Vec<PoolView>,
    jobs: Vec<JobView>,
    /// None where the token may not see them.
    tenants: Option<Vec<TenantView>>,
}

fn look(client: &Client, limit: u32) -> Outcome<Seen> {
    let hub: HubView = client.get("/v1/hub")?;
    let pools: PoolList = client.get("/v1/pools")?;
    let mut jobs = Vec::new();
    for state in STATES {
        let page: JobList = client.get(&format!("/v1/jobs?state={state}&limit={limit}"))?;
        jobs.extend(page.jobs);
    }
    // Providers see pools and jobs, but no tenants.
    let tenants = (hub.role != "provider").then(|| client.get::<TenantList>("/v1/tenants")).transpose()?;
    Ok(Seen { hub, pools: pools.pools, jobs, tenants: tenants.map(|list| list.tenants) })
}

/// What is on the screen.
#[derive(Debug, Default)]
struct Screen {
    seen: Option<Seen>,
    /// Why the last look failed; what was seen before stays.
    trouble: Option<String>,
    page: usize,
    row: TableState,
    paused: bool,
    plain: bool,
    /// Why a job waits, on top of all.
    why: Option<(String, String)>,
}

impl Screen {
    fn rows(&self) -> usize {
        self.seen.as_ref().map_or(0, |seen| match self.page {
            0 => seen.jobs.len(),
            1 => seen.pools.len(),
            _ => seen.tenants.as_ref().map_or(0, Vec::len),
        })
    }

    fn move_by(&mut self, by: i64) {
        let last = self.rows().saturating_sub(1) as i64;
        let at = self.row.selected().unwrap_or(0) as i64;
        self.row.select(Some((at + by).clamp(0, last) as usize));
    }

    fn turn_to(&mut self, page: usize) {
        self.page = page;
        self.row = TableState::default();
    }

    fn colour(&self, colour: Color) -> Style {
        if self.plain { Style::default() } else { Style::default().fg(colour) }
    }

    fn draw(&mut self, frame: &mut Frame) {
        let [top, tabs, body, foot] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(3), Constraint::Length(1)])
                .areas(frame.area());
        let Some(seen) = self.seen.clone() else {
            let said = self.trouble.clone().unwrap_or_else(|| "looking at the hub …".to_owned());
            frame.render_widget(Paragraph::new(said).wrap(Wrap { trim: true }), body);
            return;
        };
        frame.render_widget(Paragraph::new(self.head(&seen)), top);
        let tab = |(at, name): (usize, &&str)| {
            let style = if at == self.page { Style::default().add_modifier(Modifier::REVERSED) } else { Style::default() };
            [Span::styled(format!(" {} {name} ", at + 1), style), Span::raw(" ")]
        };
        frame.render_widget(Paragraph::new(Line::from_iter(PAGES.iter().enumerate().flat_map(tab))), tabs);
        match self.page {
            0 => self.jobs(&seen, frame, body),
            1 => self.pools(&seen, frame, body),
            _ => self.tenants(&seen, frame, body),
        }
        let keys = "q end  Tab page  ↑↓ move  w why  p pause";
        let foot_text = match (&self.trouble, self.paused) {
            (Some(trouble), _) => Line::styled(format!("not current: {trouble}"), self.colour(Color::Red)),
            (None, true) => Line::styled(format!("paused  {keys}"), self.colour(Color::Yellow)),
            (None, false) => Line::raw(keys),
        };
        frame.render_widget(Paragraph::new(foot_text), foot);
        if let Some((job, why)) = &self.why {
            let area = frame.area();
            let inner = Rect {
                x: area.width / 10,
                y: area.height / 5,
                width: area.width * 8 / 10,
                height: (area.height * 3 / 5).max(5).min(area.height),
            };
            frame.render_widget(Clear, inner);
            let block = Block::bordered().title(format!(" why {job} "));
            frame.render_widget(Paragraph::new(why.as_str()).wrap(Wrap { trim: false }).block(block), inner);
        }
    }

    fn head(&self, seen: &Seen) -> Line<'static> {
        let hub = &seen.hub;
        let (mut held, mut all, mut cores_held, mut cores) = (0, 0, 0.0, 0.0);
        for pool in seen.pools.iter().filter(|pool| pool.contact) {
            (held, all) = (held + pool.devices_held, all + pool.devices);
            (cores_held, cores) = (cores_held + pool.cores_held, cores + pool.cores);
        }
        let time = hub.now.get(11..19).unwrap_or(&hub.now).to_owned();
        let mut spans = vec![
            Span::styled(format!("{} ", hub.name), Style::default().add_modifier(Modifier::BOLD)),
            Span::raw(format!("{time}  ")),
            Span::styled(format!("{} running", hub.running), self.colour(Color::Green)),
            Span::raw("  "),
            Span::styled(format!("{} waiting", hub.waiting), self.colour(Color::Yellow)),
        ];
        if all > 0 {
            spans.push(Span::raw(format!("  devices {held}/{all}")));
        }
        spans.push(Span::raw(format!("  cores {cores_held:.0}/{cores:.0}  {} {}", hub.role, hub.subject)));
        Line::from(spans)
    }

    fn show(&mut self, frame: &mut Frame, area: Rect, header: &[&'static str], widths: Vec<Constraint>, rows: Vec<Row<'static>>) {
        if rows.is_empty() {
            frame.render_widget(Paragraph::new("nothing to show"), area);
            return;
        }
        let header = Row::new(header.iter().map(|name| Cell::from(name.to_uppercase()))).style(self.colour(Color::Cyan));
        let chosen = Style::default().add_modifier(Modifier::REVERSED);
        let table = Table::new(rows, widths).header(header).column_spacing(1).row_highlight_style(chosen);
        frame.render_stateful_widget(table, area, &mut self.row);
    }

    fn jobs(&mut self, seen: &Seen, frame: &mut Frame, area: Rect) {
        let row = |job: &JobView| {
            let colour = match job.state.as_str() {
                "running" => Color::Green,
                "waiting" => Color::Yellow,
                _ => Color::Magenta,
            };
            let wants = match job.devices {
                0 => format!("{} × {} cores", job.replicas, job.cpu),
                devices => format!("{} × {devices} {}", job.replicas, job.models.first().map_or("devices", String::as_str)),
            };
            let since = job.run_s.unwrap_or(job.wait_s);
            Row::new([
                Cell::from(job.id.clone()),
                Cell::from(job.name.clone()),
                Cell::from(job.tenant.clone()),
                Cell::from(Span::styled(job.state.clone(), self.colour(colour))),
                Cell::from(span(since)),
                Cell::from(wants),
                Cell::from(job.pool.clone().unwrap_or_else(|| "–".to_owned())),
            ])
        };
        let rows = seen.jobs.iter().map(row).collect();
        let widths = vec![
            Constraint::Length(12),
            Constraint::Fill(2),
            Constraint::Fill(1),
            Constraint::Length(8),
            Constraint::Length(9),
            Constraint::Length(16),
            Constraint::Fill(1),
        ];
        self.show(frame, area, &["job", "name", "tenant", "state", "for", "holds or wants", "pool"], widths, rows);
    }

    fn pools(&mut self, seen: &Seen, frame: &mut Frame, area: Rect) {
        let row = |pool: &PoolView| {
            let contact = if pool.contact { "in touch" } else { "silent" };
            let colour = if pool.contact { Color::Green } else { Color::Red };
            let devices =
                if pool.devices > 0 { bar(f64::from(pool.devices_held), f64::from(pool.devices)) } else { "–".to_owned() };
            Row::new([
                Cell::from(pool.name.clone()),
                Cell::from(pool.provider.clone()),
                Cell::from(pool.site.clone().unwrap_or_else(|| "–".to_owned())),
                Cell::from(Span::styled(contact, self.colour(colour))),
                Cell::from(pool.model.clone().unwrap_or_else(|| "–".to_owned())),
                Cell::from(devices),
                Cell::from(bar(pool.cores_held, pool.cores)),
                Cell::from(pool.jobs.to_string()),
            ])
        };
        let rows = seen.pools.iter().map(row).collect();
        let widths = vec![
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Length(8),
            Constraint::Fill(1),
            Constraint::Length(20),
            Constraint::Length(20),
            Constraint::Length(5),
        ];
        self.show(
            frame,
            area,
            &["pool", "provider", "site", "agent", "model", "devices held", "cores held", "jobs"],
            widths,
            rows,
        );
    }

    fn tenants(&mut self, seen: &Seen, frame: &mut Frame, area: Rect) {
        let Some(tenants) = &seen.tenants else {
            frame.render_widget(Paragraph::new("a provider sees no tenants"), area);
            return;
        };
        let part = |part: f64| format!("{:.1} %", part * 100.0);
        let row = |tenant: &TenantView| {
            let or_dash = |count: Option<u32>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
            Row::new([
                tenant.name.clone(),
                tenant.weight.to_string(),
                part(tenant.due),
                tenant.share.map_or_else(|| "–".to_owned(), part),
                format!("{}", (tenant.devices_held * 1000.0).round() / 1000.0),
                or_dash(tenant.guaranteed),
                or_dash(tenant.most),
            ])
        };
        let rows = tenants.iter().map(row).collect();
        let widths = vec![
            Constraint::Fill(1),
            Constraint::Length(8),
            Constraint::Length(8),
            Constraint::Length(8),
            Constraint::Length(8),
            Constraint::Length(10),
            Constraint::Length(8),
        ];
        self.show(frame, area, &["tenant", "weight", "due", "used", "devices", "guaranteed", "most"], widths, rows);
    }
}

/// A bar of ten cells and the numbers behind it.
fn bar(held: f64, all: f64) -> String {
    let part = if all > 0.0 { (held / all).clamp(0.0, 1.0) } else { 0.0 };
    let full = (part * 10.0).round() as usize;
    format!("{}{} {held:.0}/{all:.0}", "█".repeat(full), "░".repeat(10 - full))
}

/// Seconds as a person reads them: 12 s, 3 m 20 s, 2 h 5 m, 3 d 4 h.
fn span(seconds: f64) -> String {
    let all = seconds.max(0.0) as u64;
    match all {
        0..60 => format!("{all} s"),
        60..3600 => format!("{} m {} s", all / 60, all % 60),
        3600..86_400 => format!("{} h {} m", all / 3600, all % 3600 / 60),
        _ => format!("{} d {} h", all / 86_400, all % 86_400 / 3600),
    }
}

/// In sentences.
fn words(why: &WhyView) -> String {
    let mut lines = vec![format!("{}: {}", why.state, why.message)];
    lines.extend(
        why.starts_at.as_ref().map(|at| format!("starts about {at} ({})", why.foresight.as_deref().unwrap_or("unknown"))),
    );
    if why.ahead_count > 0 {
        lines.push(format!("{} served before it", crate::jobs::jobs_are(why.ahead_count)));
    }
    lines.extend(why.smaller.iter().map(|smaller| format!("{} {} fits now at {}", smaller.field, smaller.to, smaller.pool)));
    lines.push(String::new());
    lines.push("any key closes this".to_owned());
    lines.join("\n")
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    if json {
        return Err(Failure::Wrong("top is for people; `shugu jobs --json` and `shugu pools --json` are for scripts".to_owned()));
    }
    if !(0.1..=3600.0).contains(&options.every) {
        return Err(Failure::Wrong("--every: 0.1 to 3600 seconds".to_owned()));
    }
    let client = Client::of(place)?;
    let mut screen = Screen { plain: std::env::var_os("NO_COLOR").is_some(), ..Screen::default() };
    if options.once {
        let seen = look(&client, options.limit)?;
        return once(seen, options.width);
    }
    if !std::io::stdout().is_terminal() {
        return Err(Failure::Wrong("top needs a terminal; --once shows it as text".to_owned()));
    }
    // The first look is before the screen changes hands, so that a wrong address or token is told as by every other command.
    screen.seen = Some(look(&client, options.limit)?);
    let (asks, asked) = channel();
    let (tells, told) = channel();
    let (limit, every) = (options.limit, Duration::from_secs_f64(options.every));
    std::thread::spawn(move || keep_looking(&client, limit, every, &asked, &tells));
    let mut terminal = ratatui::try_init().map_err(|error| Failure::Failed(format!("the terminal: {error}")))?;
    let ended = show(&mut terminal, &mut screen, &asks, &told);
    ratatui::restore();
    ended.map_err(|error| Failure::Failed(format!("the terminal: {error}")))
}

/// What the looking thread is asked.
enum Ask {
    Why(String),
    Pause(bool),
}

/// What it tells.
enum Tell {
    Seen(Box<Outcome<Seen>>),
    Why(String, String),
}

fn keep_looking(client: &Client, limit: u32, every: Duration, asked: &Receiver<Ask>, tells: &Sender<Tell>) {
    let mut paused = false;
    let mut next = Instant::now() + every;
    loop {
        match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Ask::Pause(pause)) => paused = pause,
            Ok(Ask::Why(job)) => {
                let why = client.get::<WhyView>(&format!("/v1/jobs/{}/why", encode(&job)));
                let why = why.map_or_else(|failure| failure.to_string(), |why| words(&why));
                if tells.send(Tell::Why(job, why)).is_err() {
                    return;
                }
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                if !paused && tells.send(Tell::Seen(Box::new(look(client, limit)))).is_err() {
                    return;
                }
                next = Instant::now() + every;
            }
        }
    }
}

fn show(
    terminal: &mut ratatui::DefaultTerminal,
    screen: &mut Screen,
    asks: &Sender<Ask>,
    told: &Receiver<Tell>,
) -> std::io::Result<()> {
    loop {
        for tell in told.try_iter() {
            match tell {
                Tell::Why(job, why) => screen.why = Some((job, why)),
                Tell::Seen(seen) => match *seen {
                    Ok(seen) => (screen.seen, screen.trouble) = (Some(seen), None),
                    Err(failure) => screen.trouble = Some(failure.to_string()),
                },
            }
        }
        screen.move_by(0);
        terminal.draw(|frame| screen.draw(frame))?;
        if !event::poll(Duration::from_millis(100))? {
            continue;
        }
        if let Event::Key(key) = event::read()?
            && key.kind == KeyEventKind::Press
            && !answer(screen, key, asks)
        {
            return Ok(());
        }
    }
}

/// Does what a key means; false ends.
fn answer(screen: &mut Screen, key: KeyEvent, asks: &Sender<Ask>) -> bool {
    let interrupted = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if interrupted {
        return false;
    }
    if screen.why.take().is_some() {
        return true;
    }
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return false,
        KeyCode::Tab | KeyCode::Right => screen.turn_to((screen.page + 1) % PAGES.len()),
        KeyCode::BackTab | KeyCode::Left => screen.turn_to((screen.page + PAGES.len() - 1) % PAGES.len()),
        KeyCode::Char(digit @ '1'..='3') => screen.turn_to(digit as usize - '1' as usize),
        KeyCode::Down | KeyCode::Char('j') => screen.move_by(1),
        KeyCode::Up | KeyCode::Char('k') => screen.move_by(-1),
        KeyCode::PageDown => screen.move_by(20),
        KeyCode::PageUp => screen.move_by(-20),
        KeyCode::Home => screen.move_by(i64::MIN / 2),
        KeyCode::End => screen.move_by(i64::MAX / 2),
        KeyCode::Char('p') => {
            screen.paused = !screen.paused;
            // The thread ends with this one only.
            let _ = asks.send(Ask::Pause(screen.paused));
        }
        KeyCode::Char('w') if screen.page == 0 => {
            let job = screen.seen.as_ref().and_then(|seen| seen.jobs.get(screen.row.selected().unwrap_or(0)));
            if let Some(job) = job {
                let _ = asks.send(Ask::Why(job.id.clone()));
            }
        }
        _ => {}
    }
    true
}

/// All three pages one below the other, as text.
fn once(seen: Seen, width: u16) -> Outcome {
    let mut out = String::new();
    for page in 0..PAGES.len() {
        let mut screen = Screen { seen: Some(seen.clone()), page, plain: true, ..Screen::default() };
        // A header, and what lies above and below.
        let height = screen.rows().clamp(2, usize::from(u16::MAX) - 10) as u16 + 4;
        let mut terminal = Terminal::new(TestBackend::new(width.max(40), height)).expect("memory has no faults");
        terminal.draw(|frame| screen.draw(frame)).expect("memory has no faults");
        let text = terminal.backend().to_string();
        // The first line is the same on all pages, the second and the last are for keys.
        let lines: Vec<&str> = text.lines().map(|line| line.trim_matches('"').trim_end()).collect();
        if page == 0 {
            out.push_str(&format!("{}\n", lines[0]));
        }
        out.push('\n');
        lines[2..lines.len() - 1].iter().filter(|line| !line.is_empty()).for_each(|line| out.push_str(&format!("{line}\n")));
    }
    print(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_bars_are_read_at_a_glance() {
        assert_eq!([12.0, 200.0, 7500.0, 273_600.0].map(span), ["12 s", "3 m 20 s", "2 h 5 m", "3 d 4 h"]);
        assert_eq!(bar(3.0, 8.0), "████░░░░░░ 3/8");
        assert_eq!(bar(0.0, 0.0), "░░░░░░░░░░ 0/0");
    }
}
