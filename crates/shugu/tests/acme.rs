//! A certificate that everybody trusts, from a real authority for tests: Pebble of Let's Encrypt.

mod common;

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Hub, free_port, said, shugu};
use serde_json::json;

/// A process that ends with the test.
struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn begin(command: &mut Command) -> Beside {
    let told = "Debian's package pebble is installed";
    Beside(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect(told))
}

/// What an address of HTTPS answers, if whoever answers is vouched for by one of these.
fn ask(url: &str, roots: &Path, resolve: &str) -> Option<String> {
    let arguments = ["--silent", "--show-error", "--fail", "--max-time", "5", "--resolve", resolve, "--cacert"];
    let answer = said(Command::new("curl").args(arguments).arg(roots).arg(url).output().expect("curl is installed"));
    (answer.code == 0).then_some(answer.out)
}

fn within<T>(most: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < most, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs Pebble, and is run by ./test"]
fn a_hub_of_a_public_name_gets_a_certificate_by_itself_and_keeps_its_own_beside() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let [directory, management, dns_management, hub_port] = [(); 4].map(|()| free_port());
    let dns = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The authority's own certificate, of its own making.
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(place("authority.pem"), own.cert.pem()).unwrap();
    std::fs::write(place("authority.key"), own.signing_key.serialize_pem()).unwrap();
    let config = json!({ "pebble": {
        "listenAddress": format!("127.0.0.1:{directory}"), "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": place("authority.pem"), "privateKey": place("authority.key"),
        "httpPort": 1, "tlsPort": hub_port, "ocspResponderURL": "", "externalAccountBindingRequired": false,
    } });
    std::fs::write(place("pebble.json"), config.to_string()).unwrap();
    // Every name is this machine's.
    let _names = begin(Command::new("pebble-challtestsrv").args([
        "-dns01",
        &format!("127.0.0.1:{dns}"),
        "-management",
        &format!("127.0.0.1:{dns_management}"),
        "-defaultIPv6",
        "",
        "-http01",
        "",
        "-https01",
        "",
        "-tlsalpn01",
        "",
    ]));
    let mut pebble = Command::new("pebble");
    pebble.args(["-config", place("pebble.json").to_str().unwrap(), "-dnsserver", &format!("127.0.0.1:{dns}")]);
    let _authority = begin(pebble.env("PEBBLE_VA_NOSLEEP", "1"));
    let here = format!("localhost:{management}:127.0.0.1");
    let root = within(Duration::from_secs(20), "the authority answers", || {
        ask(&format!("https://localhost:{management}/roots/0"), &place("authority.pem"), &here)
    });
    std::fs::write(place("root.pem"), root).unwrap();

    let mut hub = Hub::start_in(
        &place("hub"),
        &[
            "--no-local",
            "--listen",
            &format!("127.0.0.1:{hub_port}"),
            "--acme",
            "hub.example,other.example",
            "--acme-directory",
            &format!("https://localhost:{directory}/dir"),
        ],
        &[("SSL_CERT_FILE", place("authority.pem").to_str().unwrap())],
    );
    for name in ["hub.example", "other.example"] {
        let resolve = format!("{name}:{hub_port}:127.0.0.1");
        let healthy = || ask(&format!("https://{name}:{hub_port}/healthz"), &place("root.pem"), &resolve);
        assert_eq!(within(Duration::from_secs(60), "there is a certificate", healthy), "ok\n");
    }
    // By its address it is known by its fingerprint, as ever.
    assert_eq!(hub.say(&["jobs"]).code, 0);
    let address = format!("127.0.0.1:{hub_port}:127.0.0.1");
    assert_eq!(ask(&format!("https://127.0.0.1:{hub_port}/healthz"), &place("root.pem"), &address), None);
    // What was got is kept, for its owner only, and asked for no more.
    let kept = place("hub").join("acme");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
    assert_eq!((mode & 0o777, std::fs::read_dir(&kept).unwrap().count()), (0o700, 2));
    drop(_authority);
    hub.kill_and_restart();
    let resolve = format!("hub.example:{hub_port}:127.0.0.1");
    let again = || ask(&format!("https://hub.example:{hub_port}/healthz"), &place("root.pem"), &resolve);
    assert_eq!(within(Duration::from_secs(20), "the certificate was kept", again), "ok\n");
}

#[test]
fn a_hub_does_not_get_a_certificate_where_one_is_given() {
    let arguments = ["up", "--acme", "hub.example", "--tls-cert", "a", "--tls-key", "b"];
    let refused = said(shugu(&arguments).output().unwrap());
    assert!(refused.code == 2 && refused.err.contains("cannot be used with"), "{}", refused.err);
}
