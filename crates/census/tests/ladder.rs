//! What a declared pool, and a site with a stated precision, add to the ladder: each precision in its own row.

use census::{Census, File, LadderRow, count, read};
use measure::Time;

const HUB: &str = "name = \"Sample hub\"\nregion = \"guizhou\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 0\n";
const ACCELERATORS: &str = "\
vendor,model,kind,year,memory_gb,mem_bw_gbs,tdp_w,fp64,fp64_tensor,fp32,tf32,fp16_bf16_dense,fp8_dense,fp4_dense,\
int8_tops_dense,interconnect,interconnect_gbs,confidence,fields_recalled_not_found,source,notes
Huawei,Ascend 910B3,accelerator,2023,64,,,,,,,313,,,,,,B,,a page,
NVIDIA,H800,accelerator,2023,80,,700,1,,66.9,,989,,,,,,C,,a page,
Hygon,C86,cpu,2023,,,,2,,4,,,,,,,,C,,a page,
";
const PROVIDERS: &str = "id,name,name_zh,kind,provides,source,note\ntelecom,Telecom,unknown,named,computing,a page,\n";
const SITES: &str = "\
id,name,name_zh,kind,provider,prefecture,zone,latitude,longitude,coordinates_quality,status,status_date,racks,racks_planned,\
servers,servers_planned,computing_power_pflops,computing_power_planned_pflops,class,precision,sparsity,pue,\
area,source,note
east,East,unknown,named,telecom,Guiyang,unknown,,,,operating,2025-03,,,,,5000,,intelligent,fp16,dense,,,a page,
west,West,unknown,named,telecom,Anshun,unknown,,,,building,2025-03,,,,,,,,,,,,a page,
north,North,unknown,named,telecom,Zunyi,unknown,,,,operating,2025-03,,,,,30,90,super,fp64,dense,,,a page,
south,South,unknown,named,telecom,Duyun,unknown,,,,operating,2025-03,,,,,700,,intelligent,unstated,dense,,,a page,
";
const POOLS: &str = "\
id,site,provider,accelerator,nodes,devices_per_node,cpus_per_node,memory_gib_per_node,evidence,as_of,source,note
east-ascend,east,telecom,Ascend 910B3,100,8,192,1024,declared,2025-03,a page,
west-nvidia,west,telecom,H800,10,8,128,1024,announced,2025-09,a page,
east-plain,east,telecom,none,50,0,64,256,declared,2025-03,a page,
east-planned,east,telecom,Ascend 910B3,100,8,192,1024,announced,2025-10,a plan,
north-planned,north,telecom,H800,1,8,192,1024,announced,2026-10,a plan,
";

fn sample() -> Census {
    let files = [
        ("hub.toml", HUB),
        ("accelerators.csv", ACCELERATORS),
        ("providers.csv", PROVIDERS),
        ("sites.csv", SITES),
        ("pools.csv", POOLS),
    ];
    read(&files.map(|(name, text)| File { name: name.to_owned(), text: text.to_owned() })).unwrap()
}

/// One line a row: kind, announced, built.
fn check(date: &str, expected: &str) {
    let figure = |eflops: Option<f64>| eflops.map_or("unknown".to_owned(), |eflops| eflops.to_string());
    let line = |row: &LadderRow| {
        let (announced, built) = (figure(row.announced_eflops), figure(row.built_eflops));
        assert_eq!(row.connected_eflops, Some(0.0), "no agent has joined");
        format!("{} {} {} {announced} {built}\n", row.class, row.precision, row.sparsity)
    };
    let found: String = count(&sample(), &[], Time::parse_date(date).unwrap(), None).ladder.iter().map(line).collect();
    let expected: String =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    assert_eq!(found, expected);
}

#[test]
fn precisions_are_kept_apart_and_a_pool_speaks_for_its_site() {
    // 800 x 313 TFLOPS at the operating site and as many only announced there, 80 x (989, 66.9, 1) at the one under construction.
    check(
        "2025-12-31",
        "general fp32 dense unknown unknown
         intelligent fp64 dense 0.00008 unknown
         intelligent fp32 dense 0.005352 unknown
         intelligent fp16 dense 0.57992 0.2504
         super fp64 dense 0.09 0.03",
    );
}

#[test]
fn what_a_site_has_stands_beside_what_is_announced_there() {
    check(
        "2026-12-31",
        "general fp32 dense unknown unknown
         intelligent fp64 dense 0.000088 unknown
         intelligent fp32 dense 0.0058872 unknown
         intelligent fp16 dense 0.587832 0.2504
         super fp64 dense 0.03 0.03",
    );
}

#[test]
fn a_pool_declared_later_is_not_counted_earlier() {
    check(
        "2025-06-30",
        "general fp32 dense unknown unknown
         intelligent fp16 dense 0.2504 0.2504
         super fp64 dense 0.09 0.03",
    );
}

#[test]
fn before_anything_was_declared_nothing_is_built() {
    check(
        "2024-12-31",
        "general fp32 dense unknown unknown
         intelligent fp16 dense unknown unknown
         super fp64 dense 0.09 unknown",
    );
}
