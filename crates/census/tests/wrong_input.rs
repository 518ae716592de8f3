//! Every mistake in a census folder is named with its file, line and field, and nothing is taken from it.

use census::{File, read};

const HUB: &str = "name = \"Sample hub\"\nregion = \"guizhou\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 20\n";
const PROVIDERS: &str = "id,name,name_zh,kind,provides,source,note";
const SITES: &str = "id,name,name_zh,kind,provider,prefecture,zone,latitude,longitude,coordinates_quality,status,status_date,\
    racks,racks_planned,servers,servers_planned,computing_power_pflops,computing_power_planned_pflops,class,precision,sparsity,\
    pue,area,source,note";
const POOLS: &str =
    "id,site,provider,accelerator,nodes,devices_per_node,cpus_per_node,memory_gib_per_node,evidence,as_of,source,note";
const TARIFFS: &str = "id,kind,scope,valid_from,valid_to,hours,price,unit,grade,source,note";
const TARGETS: &str = "id,due,metric,value,unit,scope,class,precision,sparsity,quality,source,note";
const PUBLISHED: &str = "id,date,metric,value,unit,scope,class,precision,sparsity,quality,disputes,source,note";
const ACCELERATORS: &str = "vendor,model,kind,year,memory_gb,mem_bw_gbs,tdp_w,fp64,fp64_tensor,fp32,tf32,fp16_bf16_dense,\
    fp8_dense,fp4_dense,int8_tops_dense,interconnect,interconnect_gbs,confidence,fields_recalled_not_found,source,notes";

const PROVIDER: &str = "telecom,Telecom,unknown,named,computing,a page,";
const SITE: &str = "east,East,unknown,named,telecom,Guiyang,unknown,26.5,106.5,,operating,2025-03,,,,,,,,,,1.2,,a page,";
const POOL: &str = "east-gpu,east,telecom,H800,2,8,128,1024,declared,2025-03,a page,";
const TARIFF: &str = "day,electricity,guizhou,2025-12-01,,0-8;8-24,0.562,yuan/kWh,S,a page,";
const ACCELERATOR: &str = "NVIDIA,H800,accelerator,2023,80,,700,1,,66.9,494.7,989,1979,,1979,,,C,,a page,";
const FIGURE: &str = "chips-2024,2024-03,ai_chips,>80000,chips,Guizhou,,,,press,,a page,";
const POWER: &str = "id,scope,idle_w,device_w,core_w,asleep_w,wake_s,source,note";
const DRAWS: &str = "h800,model:H800,900,650.5,3,20,240,a page,";
const RACKS: &str = "id,pool,nodes,cap_kw,source,note";
const RACK: &str = "rack-1,east-gpu,gpu-[01-02],24,a page,";
const TARGET: &str = "chips-target,2025-12,ai_chips_target,600000,chips,Guizhou,,,,target,a page,";

fn table(header: &str, rows: &[&str]) -> String {
    std::iter::once(&header).chain(rows).map(|line| format!("{line}\n")).collect()
}

/// A folder without a mistake.
fn sound() -> Vec<File> {
    let files = [
        ("hub.toml", HUB.to_owned()),
        ("accelerators.csv", table(ACCELERATORS, &[ACCELERATOR])),
        ("providers.csv", table(PROVIDERS, &[PROVIDER])),
        ("sites.csv", table(SITES, &[SITE])),
        ("pools.csv", table(POOLS, &[POOL])),
        ("tariffs.csv", table(TARIFFS, &[TARIFF])),
        ("targets.csv", table(TARGETS, &[TARGET])),
        ("published.csv", table(PUBLISHED, &[FIGURE])),
        ("power.csv", table(POWER, &[DRAWS])),
        ("racks.csv", table(RACKS, &[RACK])),
    ];
    files.map(|(name, text)| File { name: format!("sample/{name}"), text }).into()
}

/// Puts `text` in place of one file of a sound folder.
fn check(file: &str, text: &str, message: &str) {
    let mut files = sound();
    let name = format!("sample/{file}");
    files.iter_mut().filter(|file| file.name == name).for_each(|file| file.text = text.to_owned());
    assert_eq!(read(&files).unwrap_err().to_string(), message);
}

/// Changes the only row of a sound file, on its line 2.
fn check_row(file: &str, from: &str, to: &str, message: &str) {
    let files = sound();
    let sound = files.into_iter().find(|sound| sound.name.ends_with(file)).unwrap().text;
    assert!(sound.contains(from), "{from}");
    check(file, &sound.replacen(from, to, 1), &format!("sample/{file} line 2 {message}"));
}

#[test]
fn a_sound_folder_is_read() {
    let census = read(&sound()).unwrap();
    let counts = [census.accelerators.len(), census.providers.len(), census.sites.len(), census.pools.len()];
    assert_eq!(counts, [1, 1, 1, 1]);
    assert_eq!([census.tariffs.len(), census.targets.len(), census.published.len()], [1, 1, 1]);
}

#[test]
fn a_folder_begins_with_its_hub() {
    assert_eq!(read(&[]).unwrap_err().to_string(), "hub.toml: is missing; a census folder begins with it");
    assert!(read(&sound()[..1]).unwrap().sites.is_empty(), "a table that is left out is empty");
}

#[test]
fn broken_settings_are_named_with_their_line() {
    let hub = |from: &str, to: &str, message: &str| check("hub.toml", &HUB.replace(from, to), message);
    hub(
        "region = \"guizhou\"",
        "region = guizhou",
        "sample/hub.toml line 2: string values must be quoted, expected literal string",
    );
    hub("region = \"guizhou\"\n", "", "sample/hub.toml line 1: missing field `region`");
    hub(
        "region",
        "regoin",
        "sample/hub.toml line 2: unknown field `regoin`, expected one of `name`, `name_zh`, `region`, `currency`, \
         `utc_offset_hours`, `fee_permille`, `source`, `note`",
    );
    hub("CNY", "USD", "sample/hub.toml line 3 field currency: `USD` is not a currency this hub keeps books in; CNY is");
    hub("hours = 8", "hours = 15", "sample/hub.toml line 4 field utc_offset_hours: no zone lies there; -12 to 14");
    hub(
        "permille = 20",
        "permille = 1001",
        "sample/hub.toml line 5 field fee_permille: a fee cannot exceed the whole price (1000)",
    );
    hub("permille = 20", "permille = -1", "sample/hub.toml line 5: invalid value: integer `-1`, expected u32");
}

#[test]
fn a_header_is_exactly_as_written() {
    let header = |columns: &str, message: &str| {
        check("providers.csv", &table(columns, &[PROVIDER]), &format!("sample/providers.csv line 1: {message}"));
    };
    header(
        "id,name,name_zh,provides,source,note",
        "the column `kind` is missing; the header must be id,name,name_zh,kind,provides,source,note",
    );
    header(
        "id,name,name_zh,kind,provides,source,note,colour",
        "the column `colour` is not known; the header must be id,name,name_zh,kind,provides,source,note",
    );
    header(
        "name,id,name_zh,kind,provides,source,note",
        "the columns are out of order; the header must be id,name,name_zh,kind,provides,source,note",
    );
    header("", "the column `id` is missing; the header must be id,name,name_zh,kind,provides,source,note");
    check(
        "providers.csv",
        "",
        "sample/providers.csv line 1: the column `id` is missing; the header must be id,name,name_zh,kind,provides,source,note",
    );
}

#[test]
fn a_row_has_as_many_fields_as_its_header() {
    let fields = |row: &str, found: u32| {
        let message = format!("sample/providers.csv line 2: {found} fields where the header has 7");
        check("providers.csv", &table(PROVIDERS, &[row]), &message);
    };
    fields("telecom,Telecom,unknown,named,computing,a page", 6);
    fields("telecom,Telecom,unknown,named,computing,a page,,", 8);
    fields("telecom", 1);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let rows = |rows: &[&str], line: u64| {
        let message = format!("sample/providers.csv line {line} field kind: `nobody` is neither named nor placeholder");
        check("providers.csv", &table(PROVIDERS, rows), &message);
    };
    let wrong = "mobile,Mobile,unknown,nobody,computing,a page,";
    rows(&[PROVIDER, wrong], 3);
    rows(&[PROVIDER, "", "", wrong], 5);
    rows(&["telecom,Telecom,unknown,named,computing,a page,\"two\nlines\"", wrong], 4);
    rows(&["telecom,Telecom,unknown,named,computing,a page,\r", wrong], 3);
}

#[test]
fn an_id_stands_once_and_is_a_name() {
    let twice = table(PROVIDERS, &[PROVIDER, "mobile,Mobile,unknown,named,computing,a page,", PROVIDER]);
    check("providers.csv", &twice, "sample/providers.csv line 4 field id: `telecom` stands in this file twice");
    let twice = table(ACCELERATORS, &[ACCELERATOR, ACCELERATOR]);
    check("accelerators.csv", &twice, "sample/accelerators.csv line 3 field model: `H800` stands in this file twice");
    check_row(
        "providers.csv",
        "telecom,",
        "Telecom!,",
        "field id: `Telecom!` is not a name of 1 to 63 lower-case letters, digits, hyphens or dots, such as llm-lab",
    );
    check_row("providers.csv", "Telecom,", ",", "field name: is empty");
}

#[test]
fn what_a_row_refers_to_exists() {
    check_row("sites.csv", ",telecom,", ",mobile,", "field provider: `mobile` is no provider in providers.csv");
    check_row("pools.csv", ",telecom,", ",mobile,", "field provider: `mobile` is no provider in providers.csv");
    check_row("pools.csv", ",east,", ",west,", "field site: `west` is no site in sites.csv");
    check_row("pools.csv", "H800", "H900", "field accelerator: `H900` is no model in accelerators.csv");
    check_row("published.csv", ",press,,", ",press,nothing,", "field disputes: `nothing` is no figure in this file");
    let tariff = "price,compute,model:H900,2025-01-01,,,3.5,yuan/device-hour,sample,nobody,";
    let message = "sample/tariffs.csv line 2 field scope: `H900` is no model in accelerators.csv";
    check("tariffs.csv", &table(TARIFFS, &[tariff]), message);
}

#[test]
fn a_price_is_a_plain_number_of_a_known_unit() {
    let number = "is not a plain decimal number, such as 12.5";
    check_row("tariffs.csv", "0.562", "cheap", &format!("field price: `cheap` {number}"));
    check_row("tariffs.csv", "0.562", "", &format!("field price: `` {number}"));
    check_row("tariffs.csv", "0.562", "\"0,562\"", &format!("field price: `0,562` {number}"));
    check_row("tariffs.csv", "0.562", "0.5621234", "field price: `0.5621234` is not a decimal number with fewer decimal places");
    let carbon = "factor,carbon,guizhou,2022-01-01,,,-0.4989,kg/kWh,S,a page,";
    check("tariffs.csv", &table(TARIFFS, &[carbon]), "sample/tariffs.csv line 2 field price: `-0.4989` is negative");
    let compute = "price,compute,*,2022-01-01,,,-1,yuan/device-hour,S,a page,";
    check("tariffs.csv", &table(TARIFFS, &[compute]), "sample/tariffs.csv line 2 field price: `-1` is negative");
    check_row(
        "tariffs.csv",
        "yuan/kWh",
        "yuan/MWh",
        "field unit: `yuan/MWh` is not a unit of this kind; electricity has yuan/kWh, yuan/kW-month or yuan/kVA-month, carbon kg/kWh, compute yuan/device-hour \
         or yuan/core-hour, power-cap kW",
    );
    check_row(
        "tariffs.csv",
        "electricity",
        "water",
        "field kind: `water` is not electricity, carbon, residual-carbon, compute or power-cap",
    );
}

#[test]
fn electricity_may_cost_less_than_nothing() {
    let mut files = sound();
    files[5].text = files[5].text.replace("0.562", "-0.05");
    assert!(read(&files).is_ok());
}

#[test]
fn a_tariff_holds_from_a_date_to_a_later_one_at_hours_of_the_day() {
    let date = "is not a date such as 2026-11-23, a month such as 2026-11, or an instant such as 2026-11-23T08:00:00Z";
    check_row("tariffs.csv", "2025-12-01", "2025-12-32", &format!("field valid_from: `2025-12-32` {date}"));
    check_row("tariffs.csv", "2025-12-01", "", &format!("field valid_from: `` {date}"));
    check_row("tariffs.csv", "2025-12-01,", "2025-12-01,soon", &format!("field valid_to: `soon` {date}"));
    check_row("tariffs.csv", "2025-12-01,", "2025-12-01,2025-12-01", "field valid_to: does not lie after valid_from");
    for hours in ["8", "8-25", "22-8", "8-8", "a-b", "8-12,13-22"] {
        let message =
            format!("field hours: `{hours}` is not hours such as 10-13;17-22, from 0 to 24, or nothing for the whole day");
        check_row("tariffs.csv", "0-8;8-24", &format!("\"{hours}\""), &message);
    }
}

#[test]
fn a_site_has_a_status_of_a_date_and_figures_that_can_be() {
    check_row("sites.csv", ",1.2,", ",0.98,", "field pue: `0.98` lies below 1, which no facility can reach");
    check_row("sites.csv", ",1.2,", ",-1.2,", "field pue: `-1.2` is negative");
    let number = "is not `unknown` or a plain number, after >=, >, <=, < or ~ where the source says so";
    check_row("sites.csv", ",1.2,", ",good,", &format!("field pue: `good` {number}"));
    check_row("sites.csv", "2025-03,,", "2025-03,-5,", "field racks: `-5` is negative");
    check_row(
        "sites.csv",
        "operating",
        "open",
        "field status: `open` is not a stage: announced, building, commissioning, operating, retiring, retired or unknown",
    );
    check_row(
        "sites.csv",
        "2025-03",
        "last spring",
        "field status_date: `last spring` is not a date such as 2026-11-23, a month such as 2026-11, or an instant such as \
         2026-11-23T08:00:00Z",
    );
    check_row("sites.csv", ",named,", ",rumoured,", "field kind: `rumoured` is neither named nor placeholder");
}

#[test]
fn a_pool_has_nodes_devices_and_evidence() {
    check_row("pools.csv", "H800,2,", "H800,0,", "field nodes: a pool has at least one node");
    check_row("pools.csv", "H800,2,", "H800,-2,", "field nodes: `-2` is not a whole number");
    let both = "field devices_per_node: devices need an accelerator, and an accelerator needs devices";
    check_row("pools.csv", "H800,2,8,", "none,2,8,", both);
    check_row("pools.csv", "H800,2,8,", "H800,2,0,", both);
    check_row(
        "pools.csv",
        "declared",
        "measured",
        "field evidence: `measured` is not what a folder can know: announced or declared (an agent sees, a benchmark measures)",
    );
    check_row("pools.csv", ",128,", ",many,", "field cpus_per_node: `many` is not a number of cores, such as 2, 0.5 or 500m");
    check_row(
        "pools.csv",
        "2025-03",
        "2025-13",
        "field as_of: `2025-13` is not a date such as 2026-11-23, a month such as 2026-11, or an instant such as \
         2026-11-23T08:00:00Z",
    );
}

#[test]
fn a_published_figure_has_a_date_and_a_known_precision() {
    let date = "is not a date such as 2026-11-23, a month such as 2026-11, or an instant such as 2026-11-23T08:00:00Z";
    check_row("published.csv", "2024-03", "March", &format!("field date: `March` {date}"));
    check_row("targets.csv", "2025-12", "2025-Q4", &format!("field due: `2025-Q4` {date}"));
    check_row(
        "published.csv",
        ",,,press",
        ",fp17,,press",
        "field precision: `fp17` is not a precision: fp64, fp32, tf32, fp16, fp8, fp4 or int8",
    );
    check_row("accelerators.csv", "accelerator,2023", "gpu,2023", "field kind: `gpu` is not accelerator or cpu");
    check_row("accelerators.csv", ",989,", ",-989,", "field fp16_bf16_dense: `-989` is negative");
}

#[test]
fn a_tariff_has_neither_gap_nor_overlap() {
    let tariffs =
        |rows: &[&str], message: &str| check("tariffs.csv", &table(TARIFFS, rows), &format!("sample/tariffs.csv {message}"));
    let day = "day,electricity,guizhou,2025-01-01,2026-01-01,8-22,0.6,yuan/kWh,S,a page,";
    let night = "night,electricity,guizhou,2025-01-01,2026-01-01,0-8;22-24,0.3,yuan/kWh,S,a page,";
    tariffs(&[day], "line 2 field hours: no row prices electricity of `guizhou` at 0 h from 2025-01-01 on");
    tariffs(
        &[day, night, "other,electricity,guizhou,2025-06-01,2026-01-01,9-10,0.9,yuan/kWh,S,a page,"],
        "line 4 field valid_from: day and other both price electricity of `guizhou` at 9 h on 2025-06-01",
    );
    tariffs(
        &[day, night, "next,electricity,guizhou,2026-02-01,,,0.5,yuan/kWh,S,a page,"],
        "line 4 field valid_from: electricity of `guizhou` has no price from 2026-01-01 to 2026-02-01",
    );
    let mut files = sound();
    files[5].text = table(TARIFFS, &[day, night, "next,electricity,guizhou,2026-01-01,,,0.5,yuan/kWh,S,a page,"]);
    assert!(read(&files).is_ok(), "a change of a future date is neither");
}

const STAGES: &str = "site,stage,date,quality,source,note";
const EFFECTIVENESS: &str = "id,scope,metric,value,category,boundary,period_from,period_to,quality,source,note";
const GREEN: &str = "id,scope,kind,share,valid_from,valid_to,source,note";
const CONDITIONS: &str = "id,provider,tenant,valid_from,valid_to,currency,minimum_minutes,minimum_yuan,idle_permille,\
    kept_permille,discount_permille,fee_permille,source,note";
const PROJECTS: &str = "id,name,site,provider,planned_bn_yuan,committed_bn_yuan,spent_bn_yuan,as_of,computing_power_pflops,class,\
    precision,sparsity,due,quality,source,note";
const CLAIMS: &str = "id,date,kind,value,figure,base,words,quality,source,note";

/// Adds a file to a sound folder.
fn added(file: &str, text: &str, message: &str) {
    let mut files = sound();
    files.push(File { name: format!("sample/{file}"), text: text.to_owned() });
    assert_eq!(read(&files).unwrap_err().to_string(), format!("sample/{file} {message}"));
}

#[test]
fn a_site_lives_forward() {
    let rows = ["east,building,2024-01,press,a page,", "east,operating,2024-06,press,a page,"];
    let mut files = sound();
    files.push(File { name: "sample/stages.csv".to_owned(), text: table(STAGES, &rows) });
    assert_eq!(read(&files).unwrap().stages.len(), 2);
    let back = [rows[1], "east,building,2025-01,press,a page,"];
    added("stages.csv", &table(STAGES, &back), "line 3 field stage: a site that was operating on 2024-06 is not building later");
    added(
        "stages.csv",
        &table(STAGES, &["west,building,2024-01,press,a page,"]),
        "line 2 field site: `west` is no site in sites.csv",
    );
}

#[test]
fn effectiveness_and_green_shares_can_be() {
    let one = |row: &str, message: &str| added("effectiveness.csv", &table(EFFECTIVENESS, &[row]), &format!("line 2 {message}"));
    one("e,site:east,pue,0.9,1,unstated,2024,2025,press,a page,", "field value: `0.9` lies below 1, which no facility can reach");
    one("e,site:west,pue,1.2,1,unstated,2024,2025,press,a page,", "field scope: `west` is no site in sites.csv");
    one(
        "e,site:east,pue,1.2,4,unstated,2024,2025,press,a page,",
        "field category: `4` is no category of ISO/IEC 30134: 1, 2, 3 or unstated",
    );
    one("e,site:east,wue,-1,1,unstated,2024,2025,press,a page,", "field value: `-1` is negative");
    one("e,site:east,pue,1.2,1,unstated,2025,2024,press,a page,", "field period_to: does not lie after period_from");
    added(
        "green.csv",
        &table(GREEN, &["g,site:east,contract,1.2,2024,,a page,"]),
        "line 2 field share: `1.2` is no share: 0 to 1",
    );
}

#[test]
fn conditions_are_in_the_hubs_currency_and_hold_one_at_a_time() {
    let row = "c,telecom,*,2025-01-01,,CNY,1,0.01,500,0,0,20,a page,";
    added(
        "conditions.csv",
        &table(CONDITIONS, &[&row.replace("CNY", "USD")]),
        "line 2 field currency: `USD` is not the currency of this hub's books; CNY is",
    );
    added(
        "conditions.csv",
        &table(CONDITIONS, &[&row.replace(",500,", ",1500,")]),
        "line 2 field idle_permille: `1500` is not a number of thousandths from 0 to 1000",
    );
    let twice = [row, "d,telecom,*,2026-01-01,,CNY,,,,,,,a page,"];
    added(
        "conditions.csv",
        &table(CONDITIONS, &twice),
        "line 3 field valid_from: holds at the same time as `c` of the same provider and tenant",
    );
}

#[test]
fn a_project_spends_no_more_than_it_has_and_a_claim_relates_what_is_there() {
    let project = "p,Project,east,telecom,5,4,4.5,2025,,,,,unknown,press,a page,";
    added("projects.csv", &table(PROJECTS, &[project]), "line 2 field spent_bn_yuan: more is spent than is committed or planned");
    let claim = "c,2025,ratio,~3,chips-2024,nothing,thrice,press,a page,";
    added("claims.csv", &table(CLAIMS, &[claim]), "line 2 field base: `nothing` is no figure in published.csv");
}

#[test]
fn what_nodes_draw_and_racks_may_is_plain_and_told_once() {
    let draws = |from: &str, to: &str, message: &str| check_row("power.csv", from, to, message);
    draws("model:H800", "node:7", "field scope: `node:7` is not pool:NAME, model:MODEL or *");
    draws("model:H800", "model:H900", "field scope: `H900` is no model in accelerators.csv");
    draws("900", "-900", "field idle_w: `-900` is negative");
    draws("650.5", "9999999999", "field device_w: `9999999999` is more than a gigawatt");
    draws(",20,", ",901,", "field asleep_w: is more than what it draws idle");
    draws("240", "soon", "field wake_s: `soon` is no number of whole seconds up to a day");
    let twice = table(POWER, &[DRAWS, &DRAWS.replacen("h800", "again", 1)]);
    check("power.csv", &twice, "sample/power.csv line 3 field scope: `model:H800` stands in line 2 already");
    let rack = |from: &str, to: &str, message: &str| check_row("racks.csv", from, to, message);
    rack("gpu-[01-02]", "gpu-[02-01]", "field nodes: `gpu-[02-01]` is no name such as gpu-[01-16]");
    rack(",24,", ",0,", "field cap_kw: is nothing: nodes of such a rack could not even stand idle");
    let twice = table(RACKS, &[RACK, "rack-2,east-gpu,gpu-02,24,a page,"]);
    check("racks.csv", &twice, "sample/racks.csv line 3 field nodes: `gpu-02` stands in rack rack-1 already");
    let cap = |scope: &str| format!("cap,power-cap,{scope},2026-01-01,,18-22,800,kW,S,a page,");
    let files = |scope: &str| table(TARIFFS, &[TARIFF, &cap(scope)]);
    check(
        "tariffs.csv",
        &files("guizhou"),
        "sample/tariffs.csv line 3 field scope: `guizhou` is no site:ID; what a site may draw is said site by site",
    );
    let mut sound = sound();
    sound.iter_mut().filter(|file| file.name == "sample/tariffs.csv").for_each(|file| file.text = files("site:east"));
    let census = read(&sound).unwrap();
    let (east, at) = ("east".parse().unwrap(), |text: &str| measure::Time::parse_date(text).unwrap());
    // Ten at night there, and noon.
    let (evening, noon) =
        (at("2026-02-01") + measure::Span::seconds(12 * 3600), at("2026-02-01") + measure::Span::seconds(4 * 3600));
    assert_eq!((census.power_cap(&east, evening), census.power_cap(&east, noon)), (Some(measure::Power(800_000_000)), None));
}
