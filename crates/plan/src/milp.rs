//! A mixed-integer linear program, row by row, minimised. Every row knows of which family it is and what it is about.

/// A column.
pub type Column = u32;

/// A family of rows, as people are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// What runs is what came and has not retired.
    Running,
    /// What retired stays so.
    Retired,
    /// Racks stand in halls.
    Space,
    /// Halls stand on land.
    Land,
    /// What runs draws no more than is connected.
    Power,
    /// A grid step is taken once, and after the one before it.
    Grid,
    /// Halls are built at sites that are open, so many at a time.
    Opening,
    /// What is used is there.
    Service,
    /// What is served is used somewhere.
    Flow,
    /// What is wanted is served or missing.
    Demand,
    /// The market gives no more.
    Supply,
    /// Nobody can build more halls at a time.
    Crews,
    /// No more is spent in a year.
    Budget,
    /// No more is emitted in a year.
    Carbon,
    /// What is aimed at is reached.
    Target,
    /// All that runs, taken together, wastes no more.
    Pue,
    /// So much of the electricity is green.
    Green,
    /// What is counted up over periods or sites adds up.
    Counted,
    /// Follows from others, and only helps the solver.
    Helper,
}

impl Family {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Family::Running => "running",
            Family::Retired => "retired",
            Family::Space => "space in halls",
            Family::Land => "land",
            Family::Power => "power",
            Family::Grid => "grid steps",
            Family::Opening => "opening",
            Family::Service => "service",
            Family::Flow => "flow",
            Family::Demand => "demand",
            Family::Supply => "supply",
            Family::Crews => "crews",
            Family::Budget => "budget",
            Family::Carbon => "carbon",
            Family::Target => "target",
            Family::Pue => "PUE",
            Family::Green => "green power",
            Family::Counted => "counting",
            Family::Helper => "helper",
        }
    }

    /// The unit of its limit.
    pub fn unit(self) -> &'static str {
        match self {
            Family::Space => "racks",
            Family::Land => "plots",
            Family::Power => "MW",
            Family::Demand | Family::Target => "PFLOPS",
            Family::Supply => "lots",
            Family::Opening | Family::Crews => "halls",
            Family::Budget => "M yuan",
            Family::Carbon => "kt",
            Family::Pue => "MW",
            Family::Green => "GWh",
            _ => "",
        }
    }

    /// Whether a person could relax it: the rest is arithmetic.
    pub fn is_limit(self) -> bool {
        use Family::{Budget, Carbon, Crews, Green, Land, Power, Pue, Space, Supply, Target};
        matches!(self, Space | Land | Power | Supply | Crews | Budget | Carbon | Target | Pue | Green)
    }
}

/// What a row is about: indices of a site, of a technology, cooling, demand or aim, and of a period or year, where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The family.
    pub family: Family,
    /// The site.
    pub site: Option<u16>,
    /// Technology, cooling, demand or aim, whichever the family has.
    pub which: Option<u16>,
    /// The period; of yearly families the year.
    pub when: Option<u16>,
}

impl About {
    /// A row of a family.
    pub fn of(family: Family) -> About {
        About { family, site: None, which: None, when: None }
    }

    /// At a site.
    pub fn site(self, s: usize) -> About {
        About { site: Some(s as u16), ..self }
    }

    /// Of something.
    pub fn which(self, which: usize) -> About {
        About { which: Some(which as u16), ..self }
    }

    /// At a time.
    pub fn when(self, t: usize) -> About {
        About { when: Some(t as u16), ..self }
    }
}

/// The program. Columns and rows are numbered from 0 in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Milp {
    /// Added to the objective.
    pub offset: f64,
    /// Cost of a unit of each column.
    pub cost: Vec<f64>,
    /// Least value of each column.
    pub lower: Vec<f64>,
    /// Most.
    pub upper: Vec<f64>,
    /// Whether it is a whole number.
    pub integer: Vec<bool>,
    /// Where each row begins in `index` and `value`, and where the last one ends.
    pub start: Vec<i32>,
    /// Columns of entries.
    pub index: Vec<i32>,
    /// Entries.
    pub value: Vec<f64>,
    /// Least activity of each row.
    pub row_lower: Vec<f64>,
    /// Most.
    pub row_upper: Vec<f64>,
    /// What each row is about.
    pub about: Vec<About>,
}

impl Milp {
    /// An empty program with room.
    pub fn with_room(columns: usize, rows: usize, entries: usize) -> Milp {
        let mut milp = Milp::default();
        for column in [&mut milp.cost, &mut milp.lower, &mut milp.upper] {
            column.reserve(columns);
        }
        milp.integer.reserve(columns);
        milp.start.reserve(rows + 1);
        milp.start.push(0);
        for row in [&mut milp.row_lower, &mut milp.row_upper] {
            row.reserve(rows);
        }
        milp.about.reserve(rows);
        milp.index.reserve(entries);
        milp.value.reserve(entries);
        milp
    }

    /// A column of any number within bounds.
    pub fn column(&mut self, cost: f64, lower: f64, upper: f64) -> Column {
        self.cost.push(cost);
        self.lower.push(lower);
        self.upper.push(upper);
        self.integer.push(false);
        self.cost.len() as u32 - 1
    }

    /// A column of whole numbers.
    pub fn whole(&mut self, cost: f64, lower: f64, upper: f64) -> Column {
        let column = self.column(cost, lower, upper);
        self.integer[column as usize] = true;
        column
    }

    /// An entry of the row that is being written.
    pub fn entry(&mut self, column: Column, value: f64) {
        if value != 0.0 {
            self.index.push(column as i32);
            self.value.push(value);
        }
    }

    /// Ends the row whose entries were written; returns its number. A row without entries that holds anyway is left out.
    pub fn row(&mut self, about: About, lower: f64, upper: f64) {
        let empty = self.start.last().copied() == Some(self.index.len() as i32);
        if empty && lower <= 0.0 && upper >= 0.0 {
            return;
        }
        self.start.push(self.index.len() as i32);
        self.row_lower.push(lower);
        self.row_upper.push(upper);
        self.about.push(about);
    }

    /// The same without the rows that follow from others, which would share their prices and hold where those give way.
    pub fn unhelped(&self) -> Milp {
        let mut unhelped = self.clone();
        for row in (0..self.rows()).filter(|row| self.about[*row].family == Family::Helper) {
            (unhelped.row_lower[row], unhelped.row_upper[row]) = (f64::NEG_INFINITY, f64::INFINITY);
        }
        unhelped
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.row_lower.len()
    }

    /// The objective of values.
    pub fn objective(&self, values: &[f64]) -> f64 {
        self.offset + self.cost.iter().zip(values).map(|(cost, value)| cost * value).sum::<f64>()
    }

    /// By how much values break the worst row or bound, against its size; and that row.
    pub fn worst_break(&self, values: &[f64]) -> (f64, Option<About>) {
        let mut worst = (0.0, None);
        for (at, value) in values.iter().enumerate() {
            let beyond = (self.lower[at] - value).max(value - self.upper[at]) / (1.0 + value.abs());
            let broken = if self.integer[at] { beyond.max((value - value.round()).abs()) } else { beyond };
            if broken > worst.0 {
                worst = (broken, None);
            }
        }
        for row in 0..self.rows() {
            let entries = self.start[row] as usize..self.start[row + 1] as usize;
            let (mut activity, mut size) = (0.0, 1.0_f64);
            for at in entries {
                let part = self.value[at] * values[self.index[at] as usize];
                activity += part;
                size = size.max(part.abs());
            }
            let broken = (self.row_lower[row] - activity).max(activity - self.row_upper[row]) / size;
            if broken > worst.0 {
                worst = (broken, Some(self.about[row]));
            }
        }
        worst
    }
}
