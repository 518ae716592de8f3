//! Models of devices by the names that others give them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use census::{AcceleratorKind, Census};

use crate::shipped;

static KNOWN: LazyLock<Census> = LazyLock::new(shipped::nothing_known);

pub(super) fn accelerators() -> impl Iterator<Item = &'static census::Accelerator> {
    KNOWN.accelerators.values().filter(|one| one.kind == AcceleratorKind::Accelerator)
}

/// The beginnings of a maker's models, each once.
pub(super) fn made_by(vendor: &str) -> Vec<String> {
    let first = |one: &census::Accelerator| one.model.split(' ').next().unwrap_or_default().to_owned();
    let all: BTreeSet<String> = accelerators().filter(|one| one.vendor.eq_ignore_ascii_case(vendor)).map(first).collect();
    all.into_iter().collect()
}

/// Products whose names do not say which model they are.
const PRODUCTS: [(&str, &str); 2] = [("NVIDIA-H100-80GB-HBM3", "H100 SXM5 80GB"), ("nvidia-h100-mega-80gb", "H100 SXM5 80GB")];

/// Models that a name from elsewhere means: `NVIDIA-A100-SXM4-80GB`, `A100-80GB`, `RTX4090`, `Ascend910B`. Each of its words is one of the
/// model, or begins one, but never in the middle of a number: H20 is no H200. A name that means none is left to the hub's own census.
pub(super) fn models(name: &str) -> Vec<String> {
    if let Some((_, model)) = PRODUCTS.iter().find(|(product, _)| *product == name) {
        return vec![(*model).to_owned()];
    }
    let words = |text: &str| -> Vec<String> {
        let maker = ["", "nvidia", "amd", "huawei", "tesla", "geforce", "oam"];
        let words = text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| !maker.contains(&word.as_str())).collect()
    };
    let digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    let begins = |word: &str, text: &str| {
        text.strip_prefix(word).is_some_and(|rest| !(digit(word.chars().next_back()) && digit(rest.chars().next())))
    };
    let wanted = words(name);
    let fit = |fits: &dyn Fn(&[String]) -> bool| -> Vec<String> {
        if wanted.is_empty() {
            return Vec::new();
        }
        accelerators().filter(|one| fits(&words(&one.model))).map(|one| one.model.clone()).collect()
    };
    let exact = fit(&|model| model.concat() == wanted.concat());
    if !exact.is_empty() {
        return exact;
    }
    let mut found = fit(&|model| wanted.iter().all(|word| model.iter().any(|one| begins(word, one))));
    if found.is_empty() {
        found = fit(&|model| begins(&wanted.concat(), &model.concat()));
    }
    if found.is_empty() { vec![name.to_owned()] } else { found }
}

/// What device plugins call devices, and whose these are.
pub(super) const DEVICES: [(&str, &str); 11] = [
    ("nvidia.com/gpu", "NVIDIA"),
    ("amd.com/gpu", "AMD"),
    ("huawei.com/npu", "Huawei"),
    ("cambricon.com/mlu", "Cambricon"),
    ("hygon.com/dcu", "Hygon"),
    ("mthreads.com/gpu", "Moore Threads"),
    ("metax-tech.com/gpu", "MetaX"),
    ("kunlunxin.com/xpu", "Kunlunxin (Baidu)"),
    ("enflame.com/gcu", "Enflame"),
    ("birentech.com/gpu", "Biren"),
    ("iluvatar.com/gpu", "Iluvatar CoreX"),
];

/// Models of a resource that counts whole devices.
pub(super) fn resource_models(resource: &str) -> Option<Vec<String>> {
    if let Some((_, vendor)) = DEVICES.iter().find(|(known, _)| *known == resource) {
        return Some(made_by(vendor));
    }
    // Huawei's names hold the model: huawei.com/Ascend910 is any of 910A, 910B1 and so on.
    let model = format!("Ascend {}", resource.strip_prefix("huawei.com/Ascend")?);
    accelerators().any(|one| one.model.starts_with(&model)).then(|| vec![model])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_the_names_that_others_give_them() {
        let cases = [
            ("NVIDIA-H100-80GB-HBM3", "H100 SXM5 80GB"),
            ("H100", "H100 PCIe 80GB, H100 SXM5 80GB"),
            ("H100-SXM", "H100 SXM5 80GB"),
            ("H20", "H20 (HGX) 96GB"),
            ("A100-80GB", "A100 PCIe 80GB, A100 SXM4 80GB"),
            ("NVIDIA-A800-80GB-PCIe", "A800 PCIe 80GB"),
            ("Tesla-V100-SXM2-16GB", "V100 SXM2 16GB"),
            ("nvidia-tesla-t4", "T4"),
            ("NVIDIA-L40", "L40"),
            ("RTX4090", "RTX 4090"),
            ("NVIDIA-GeForce-RTX-4090", "RTX 4090"),
            ("NVIDIA-GB200", "GB200 (per GPU)"),
            ("AMD_Instinct_MI300X_OAM", "Instinct MI300X"),
            ("MI300", "Instinct MI300A, Instinct MI300X"),
            ("Ascend910B3", "Ascend 910B3"),
            ("910B", "Ascend 910B (FlagPerf-measured card, 64GiB), Ascend 910B1, Ascend 910B2, Ascend 910B3, Ascend 910B4"),
            // What means none of them is left to the hub.
            ("A10G", "A10G"),
            ("NVIDIA-A100-PCIE-40GB", "NVIDIA-A100-PCIE-40GB"),
            ("tpu-v4-8", "tpu-v4-8"),
        ];
        for (name, found) in cases {
            assert_eq!(models(name).join(", "), found, "{name}");
        }
        // Whatever a resource stands for, the hub finds only devices of that maker by it.
        for (resource, vendor) in DEVICES {
            let begun = resource_models(resource).unwrap();
            assert!(!begun.is_empty(), "{resource}");
            for model in begun.iter().flat_map(|begun| KNOWN.models_named(begun)) {
                assert_eq!(KNOWN.accelerators[&model].vendor, vendor, "{resource}: {model}");
            }
            let all = accelerators().filter(|one| one.vendor == vendor);
            assert!(all.flat_map(|one| begun.iter().filter(|begun| one.model.starts_with(*begun))).next().is_some());
        }
    }
}
