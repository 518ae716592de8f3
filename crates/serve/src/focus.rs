//! FOCUS 1.2 (the FinOps Open Cost and Usage Specification, <https://focus.finops.org>): what tenants are charged, row by row, in the
//! form that cost tools of any cloud read. The tests run the specification's own validator over it.

use std::collections::BTreeMap;

use measure::{CoreTime, DeviceTime, Money, Rate, Span, Time, print_scaled};
use settle::{Bill, Period};

use crate::export::ChargeLine;

/// What the rows need of a tenant: its organisation, and itself where it is a project.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    pub(crate) organisation: String,
    pub(crate) project: Option<String>,
}

/// What the rows need of a pool.
#[derive(Debug, Clone)]
pub(crate) struct Where {
    pub(crate) site: Option<String>,
    pub(crate) site_name: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) model: Option<String>,
}

/// Everything that the rows of a period are made from.
pub(crate) struct Export {
    pub(crate) hub: String,
    pub(crate) period: Period,
    pub(crate) tenants: BTreeMap<String, Payer>,
    pub(crate) pools: BTreeMap<String, Where>,
    pub(crate) lines: Vec<(ChargeLine, Bill)>,
}

const COLUMNS: [&str; 59] = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountStatus",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Attempt",
    "x_CarbonAtOnceKg",
    "x_CarbonKg",
    "x_CarbonMarketKg",
    "x_DeviceModel",
    "x_EnergyKwh",
    "x_Entry",
    "x_JobId",
    "x_PoolId",
    "x_ProviderId",
];

/// The specification's own texts are ASCII; what is written otherwise stands in the tags.
fn ascii(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' }).collect()
}

/// A decimal with a point: the specification's numbers are told apart from whole ones by it.
fn decimal(micro: i64) -> String {
    let text = print_scaled(micro, 6);
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Hours with nine places: no device-millisecond is lost.
fn hours(time: i128, per_hour: i128) -> String {
    let nano = i64::try_from(time * 1_000_000_000 / per_hour).unwrap_or(i64::MAX);
    let text = print_scaled(nano, 9);
    if text.contains('.') { text } else { format!("{text}.0") }
}

type Row = BTreeMap<&'static str, String>;

/// What a bill charges for devices and for cores while it ran, before the discount.
fn split(bill: &Bill) -> (Money, Money) {
    let run = bill.parts.map_or_else(|| bill.rate.price(bill.devices, bill.cores), |parts| parts.run);
    let flat = |rate: Rate| rate.price(bill.devices, bill.cores);
    let devices = flat(Rate { core_hour: Money::ZERO, ..bill.rate });
    let both = flat(bill.rate);
    let share = match (devices, both) {
        (_, Money::ZERO) => {
            if bill.devices > DeviceTime(0) {
                run
            } else {
                Money::ZERO
            }
        }
        (devices, both) if devices == both => run,
        (devices, both) => Money((i128::from(run.0) * i128::from(devices.0) / i128::from(both.0)) as i64),
    };
    (share, run - share)
}

impl Export {
    /// Writes the rows as CSV; returns how many there are.
    ///
    /// # Errors
    /// Where the text cannot be made.
    pub(crate) fn csv(&self) -> Result<(Vec<u8>, usize), csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS)?;
        let mut count = 0;
        for (line, bill) in &self.lines {
            for row in self.rows(line, bill) {
                writer.write_record(COLUMNS.map(|column| row.get(column).map_or("", String::as_str)))?;
                count += 1;
            }
        }
        let text = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        Ok((text, count))
    }

    fn rows(&self, line: &ChargeLine, bill: &Bill) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut left = Money(line.price);
        if line.corrects.is_none() {
            let discount = bill.agreed.as_ref().map_or(0, |agreed| agreed.discount_permille);
            let (devices, cores) = split(bill);
            let model = self.pools.get(&line.pool).and_then(|pool| pool.model.clone());
            if bill.devices > DeviceTime(0) {
                let quantity = hours(i128::from(bill.devices.0), i128::from(Span::HOUR.0));
                let (sku, details) = (format!("device-{}", model.as_deref().unwrap_or("any")), model.as_ref());
                rows.push(self.usage(line, bill, ("Device", &quantity), devices, discount, &sku, details));
                left -= devices - devices.permille(discount);
            }
            if bill.cores > CoreTime(0) && (cores > Money::ZERO || bill.devices == DeviceTime(0)) {
                let quantity = hours(i128::from(bill.cores.0), i128::from(Span::HOUR.0) * 1000);
                rows.push(self.usage(line, bill, ("Core", &quantity), cores, discount, "core", None));
                left -= cores - cores.permille(discount);
            }
        }
        if left != Money::ZERO {
            let mut row = self.cost(line, bill, left);
            let told = match line.corrects {
                Some(of) => {
                    row.insert("ChargeClass", "Correction".to_owned());
                    format!("Correction of {} attempt {} by a later reading or a dispute (entry {of})", line.job, line.attempt)
                }
                None => format!("Idle and kept devices, minimum and rounding of {} attempt {}", line.job, line.attempt),
            };
            row.extend([
                ("ChargeCategory", "Adjustment".to_owned()),
                ("ChargeFrequency", "One-Time".to_owned()),
                ("ChargeDescription", told),
            ]);
            rows.push(row);
        }
        if line.credit != 0 {
            let mut row = self.cost(line, bill, Money(-line.credit));
            row.extend([
                ("ChargeCategory", "Credit".to_owned()),
                ("ChargeFrequency", "One-Time".to_owned()),
                ("ChargeDescription", format!("Computing voucher for {} attempt {}", line.job, line.attempt)),
            ]);
            if line.corrects.is_some() {
                row.insert("ChargeClass", "Correction".to_owned());
            }
            rows.push(row);
        }
        rows
    }

    /// What all rows have.
    fn common(&self, line: &ChargeLine, bill: &Bill) -> Row {
        let own = Payer { organisation: line.tenant.clone(), project: None };
        let payer = self.tenants.get(&line.tenant).unwrap_or(&own);
        let pool = self.pools.get(&line.pool);
        let text = |value: &str| value.to_owned();
        let until = bill.held.map_or(line.at, |held| held.until);
        // A charge lasts: the specification has no empty periods.
        let from = Time(until.0 - bill.run.0.max(1000));
        let stamp = |at: Time| Time(at.0.div_euclid(1000) * 1000).to_string();
        let tags = serde_json::json!({
            "shugu/job": line.job.to_string(),
            "shugu/job-name": line.job_name,
            "shugu/energy-source": line.energy_source,
        });
        let mut row = Row::from([
            ("BillingAccountId", payer.organisation.clone()),
            ("BillingAccountName", payer.organisation.clone()),
            ("BillingAccountType", text("Tenant")),
            ("BillingCurrency", text(Money::CURRENCY)),
            ("BillingPeriodStart", stamp(self.period.from)),
            ("BillingPeriodEnd", stamp(self.period.to)),
            ("ChargePeriodStart", stamp(from)),
            ("ChargePeriodEnd", stamp(Time(until.0.max(from.0 + 1000)))),
            ("InvoiceId", format!("INV-{}-{}", self.period, payer.organisation)),
            ("InvoiceIssuerName", ascii(&self.hub)),
            ("ProviderName", ascii(&self.hub)),
            ("PublisherName", line.provider.clone()),
            ("PricingCurrency", text(Money::CURRENCY)),
            ("ServiceCategory", text("Compute")),
            ("ServiceSubcategory", text("Other (Compute)")),
            ("ServiceName", text(if bill.devices > DeviceTime(0) { "Accelerator Computing" } else { "Processor Computing" })),
            ("ResourceId", format!("{}/attempt-{}", line.job, line.attempt)),
            ("ResourceName", ascii(if line.job_name.is_empty() { "unnamed job" } else { &line.job_name })),
            ("ResourceType", text("Job Attempt")),
            ("Tags", tags.to_string()),
            ("x_Attempt", format!("attempt-{}", line.attempt)),
            ("x_Entry", format!("entry-{}", line.entry)),
            ("x_JobId", line.job.to_string()),
            ("x_PoolId", line.pool.clone()),
            ("x_ProviderId", line.provider.clone()),
        ]);
        let site = pool.and_then(|pool| pool.site.clone()).unwrap_or_else(|| "outside-census".to_owned());
        row.insert("RegionName", pool.and_then(|pool| pool.site_name.as_deref()).map_or_else(|| site.clone(), ascii));
        row.insert("RegionId", site);
        row.insert("AvailabilityZone", pool.and_then(|pool| pool.zone.as_deref()).map_or_else(|| "unknown".to_owned(), ascii));
        if let Some(project) = &payer.project {
            row.extend([
                ("SubAccountId", project.clone()),
                ("SubAccountName", project.clone()),
                ("SubAccountType", text("Project")),
            ]);
        }
        row
    }

    /// A row that only moves money.
    fn cost(&self, line: &ChargeLine, bill: &Bill, cost: Money) -> Row {
        let mut row = self.common(line, bill);
        for column in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingCurrencyEffectiveCost"] {
            row.insert(column, decimal(cost.0));
        }
        row
    }

    /// A row of use: so many hours at a price.
    #[expect(clippy::too_many_arguments, reason = "a row has many sides")]
    fn usage(
        &self,
        line: &ChargeLine,
        bill: &Bill,
        (what, quantity): (&str, &str),
        list: Money,
        discount: u32,
        sku: &str,
        model: Option<&String>,
    ) -> Row {
        let contracted = list - list.permille(discount);
        let rate = if what == "Device" { bill.rate.device_hour } else { bill.rate.core_hour };
        // Where the price follows the hour of the day, the mean over the hours it ran.
        let banded = bill.agreed.as_ref().is_some_and(|agreed| !agreed.hours.is_empty());
        let time = if what == "Device" { i128::from(bill.devices.0) } else { i128::from(bill.cores.0) / 1000 };
        let mean = || Money(i64::try_from(i128::from(list.0) * i128::from(Span::HOUR.0) / time.max(1)).unwrap_or(i64::MAX));
        let unit_price = if banded { mean() } else { rate };
        let contracted_price = unit_price - unit_price.permille(discount);
        let unit = format!("{what}-Hours");
        let mut row = self.common(line, bill);
        row.extend([
            ("ChargeCategory", "Usage".to_owned()),
            ("ChargeFrequency", "Usage-Based".to_owned()),
            ("ChargeDescription", format!("{what} time of {} attempt {}", line.job, line.attempt)),
            ("ConsumedQuantity", quantity.to_owned()),
            ("ConsumedUnit", unit.clone()),
            ("PricingQuantity", quantity.to_owned()),
            ("PricingUnit", unit),
            ("PricingCategory", "Standard".to_owned()),
            ("ListUnitPrice", decimal(unit_price.0)),
            ("ContractedUnitPrice", decimal(contracted_price.0)),
            ("ListCost", decimal(list.0)),
            ("ContractedCost", decimal(contracted.0)),
            ("EffectiveCost", decimal(contracted.0)),
            ("BilledCost", decimal(contracted.0)),
            ("PricingCurrencyListUnitPrice", decimal(unit_price.0)),
            ("PricingCurrencyContractedUnitPrice", decimal(contracted_price.0)),
            ("PricingCurrencyEffectiveCost", decimal(contracted.0)),
            ("SkuId", ascii(&format!("{}/{sku}", line.provider))),
            ("SkuMeter", format!("{what} Time")),
            ("SkuPriceId", ascii(&format!("{}/{sku}/{}", line.provider, unit_price.yuan()))),
        ]);
        let details = match model {
            Some(model) => serde_json::json!({ "x_DeviceModel": model }),
            None => serde_json::json!({ "CoreCount": 1 }),
        };
        row.insert("SkuPriceDetails", details.to_string());
        if let Some(model) = model {
            row.insert("x_DeviceModel", ascii(model));
        }
        // Energy is told once an attempt, with its first row.
        if what == "Device" || bill.devices == DeviceTime(0) {
            row.insert("x_EnergyKwh", format!("{:.9}", bill.energy.as_kwh()));
            row.extend(bill.carbon.map(|carbon| ("x_CarbonKg", format!("{:.9}", carbon.as_kg()))));
            row.extend(
                bill.at_once.and_then(|told| told.carbon).map(|carbon| ("x_CarbonAtOnceKg", format!("{:.9}", carbon.as_kg()))),
            );
            row.extend(bill.carbon_market.map(|carbon| ("x_CarbonMarketKg", format!("{:.9}", carbon.as_kg()))));
        }
        row
    }
}
