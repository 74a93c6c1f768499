//! Pages in a real browser: their script runs, nobody else's does, and nothing is asked for.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Running, Scene, Supplier};

/// What a script of a page leaves behind that ought not to run.
const OWNED: &str = "document.documentElement.dataset.owned='yes'";

/// What a browser makes of a page, with further flags.
fn dom(page: &Path, flags: &[&str]) -> String {
    let browser = std::env::var_os("PRICECMP_TEST_BROWSER")
        .expect("PRICECMP_TEST_BROWSER names no browser; ./tests/run sees to one");
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"])
        // Only this machine may be asked for anything, and no question to the user stands before it.
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--disable-features=LocalNetworkAccessChecks",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(flags)
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .env("HOME", profile.path());
    let run = Running::of(&mut command).finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

/// Texts that do harm in a page that lets them, and ask the trap for something.
fn attacks(trap: &Supplier) -> [String; 3] {
    let trap = trap.origin();
    [
        format!("\"><script>{OWNED}</script><img src=\"{trap}/image\" onerror=\"{OWNED}\">"),
        format!("</td></table></style></title><svg onload=\"{OWNED}\"><style>@import url({trap}/style);</style>"),
        format!("'><iframe src='{trap}/frame'></iframe><link rel=stylesheet href='{trap}/link'>"),
    ]
}

/// A supplier whose every text is an attack.
fn hostile(price: &str, attacks: &[String; 3]) -> Supplier {
    let offer = serde_json::json!({
        "unitPrice": price.parse::<f64>().unwrap(), "currency": "EUR", "inStock": true, "deliveryDays": 3, "sku": attacks[0],
        "seller": attacks[1], "packaging": attacks[2], "url": format!("javascript:{OWNED}"),
        "priceBreaks": [{"quantity": 1, "unitPrice": 9}, {"quantity": 5, "unitPrice": price.parse::<f64>().unwrap()}],
    });
    Supplier::replying(&offer.to_string())
}

/// The page with another script of its own, which the policy is made to let through.
fn with_script(scene: &Scene, page: &str, script: &str) -> std::path::PathBuf {
    let text = std::fs::read_to_string(scene.path(page)).unwrap();
    let start = text.find("script-src '").unwrap();
    let end = start + text[start..].find(';').unwrap();
    let text = format!("{}script-src 'unsafe-inline'{}<script>{script}</script>", &text[..start], &text[end..]);
    scene.write("scripted.html", text.as_bytes())
}

#[test]
fn a_page_that_lets_attacks_through_is_noticed() {
    let trap = Supplier::replying("{}");
    let scene = Scene::without_configuration();
    let page = scene.write("open.html", format!("<!DOCTYPE html><p title=\"{}", attacks(&trap)[0]).as_bytes());
    assert!(dom(&page, &[]).contains("data-owned=\"yes\""));
    assert_eq!(trap.heads(), ["GET /image"]);
}

#[test]
fn the_page_of_a_product_runs_its_own_script_and_no_other() {
    let trap = Supplier::replying("{}");
    let attacks = attacks(&trap);
    let (zeta, acme) = (hostile("2.00", &attacks), hostile("3.00", &attacks));
    let scene = Scene::of(&[("zeta", &zeta.url()), ("acme", &acme.url())]);
    let run = scene.run(&["widget", "--qty", "5", "--html", "report.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let seen = dom(&scene.path("report.html"), &[]);
    assert!(seen.contains("<html lang=\"en\" data-sortable=\"yes\">"), "{seen}");
    assert!(seen.contains("<button type=\"button\">Supplier</button>") && seen.contains("<svg"), "{seen}");
    for harm in ["data-owned", "<img", "<iframe", "<link", "<a "] {
        assert!(!seen.contains(harm), "{harm} in {seen}");
    }
    assert_eq!(seen.matches("<script>").count(), 1);
    assert_eq!(trap.heads(), [] as [String; 0]);
}

#[test]
fn a_click_sorts_a_table_and_nothing_is_asked_for() {
    let trap = Supplier::replying("{}");
    let attacks = attacks(&trap);
    let (zeta, acme) = (hostile("2.00", &attacks), hostile("3.00", &attacks));
    let scene = Scene::of(&[("zeta", &zeta.url()), ("acme", &acme.url())]);
    scene.write("order.csv", b"product,qty\nwidget,5\n");
    let run = scene.run(&["widget", "--qty", "5", "--html", "report.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let script = "
        const told = document.documentElement.dataset;
        const table = document.querySelector('table.sortable');
        const first = () => table.tBodies[0].rows[0].cells[0].textContent;
        told.before = first();
        table.querySelector('button').click();
        told.ascending = first() + ' ' + table.querySelector('th').ariaSort;
        table.querySelector('button').click();
        told.descending = first() + ' ' + table.querySelector('th').ariaSort;
        told.asked = performance.getEntriesByType('resource').length;
        told.paper = getComputedStyle(document.body).backgroundColor;
        told.right = getComputedStyle(table.querySelector('td.number')).textAlign;";
    let page = with_script(&scene, "report.html", script);
    let seen = dom(&page, &["--blink-settings=preferredColorScheme=1"]);
    for told in [
        "data-before=\"zeta\"",
        "data-ascending=\"acme ascending\"",
        "data-descending=\"zeta descending\"",
        "data-asked=\"0\"",
        "data-paper=\"rgb(255, 255, 255)\"",
        "data-right=\"right\"",
    ] {
        assert!(seen.contains(told), "{told} not in {seen}");
    }
    let dark = dom(&page, &["--blink-settings=preferredColorScheme=0"]);
    assert!(dark.contains("data-paper=\"rgb(20, 24, 31)\""), "{dark}");
}

#[test]
fn the_page_of_a_basket_runs_its_own_script_and_no_other() {
    let trap = Supplier::replying("{}");
    let attacks = attacks(&trap);
    let (zeta, acme) = (hostile("2.00", &attacks), hostile("3.00", &attacks));
    let scene = Scene::of(&[("zeta", &zeta.url()), ("acme", &acme.url())]);
    let line = format!("product,qty\nwidget,5\n\"{}\",6\n", attacks[0].replace('"', "\"\""));
    scene.write("order.csv", line.as_bytes());
    let run = scene.run(&["basket", "order.csv", "--html", "report.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let seen = dom(&scene.path("report.html"), &[]);
    assert!(seen.contains("data-sortable=\"yes\"") && seen.contains("&lt;script&gt;"), "{seen}");
    assert!(!seen.contains("data-owned") && !seen.contains("<img"), "{seen}");
    assert_eq!(trap.heads(), [] as [String; 0]);
}
