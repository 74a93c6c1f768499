//! Where rates are fetched.

use super::{Scene, set_mode};
use crate::config::{Errand, RatesPlace, Settings};
use crate::domain::WarningKind;
use crate::mapping::RatesFormat;

const SUPPLIER: &str =
    "currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://acme.example\"\n[suppliers.acme.mock]\nlatency = \"1ms\"\n";
const TABLE: &str = "[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.0842\"\n";

fn scene(line: &str) -> Scene {
    Scene::new(&format!("{line}\n{SUPPLIER}")).with("KEY", "hunter2")
}

fn warnings(settings: &Settings) -> Vec<&WarningKind> {
    settings.warnings.iter().map(|warning| &warning.kind).collect()
}

#[test]
fn a_page_has_its_secrets_and_shows_none() {
    let settings = scene("rates-url = \"https://a.example/daily?key=${KEY}&base=EUR\"").load(&[]).unwrap();
    let source = settings.rates_source.as_ref().unwrap();
    assert_eq!(source.format, RatesFormat::Ecb);
    let RatesPlace::Web { url, shown_url } = &source.place else { panic!("{source:?}") };
    assert_eq!(url.expose(), "https://a.example/daily?key=hunter2&base=EUR");
    assert_eq!(shown_url, "https://a.example/daily?key=***&base=EUR");
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn a_file_is_found_beside_the_configuration() {
    let scene = scene("rates-url = \"file:lists/today.json\"\nrates-filter = '{base, date, rates}'");
    let source = scene.load(&[]).unwrap().rates_source.unwrap();
    assert!(matches!(&source.format, RatesFormat::Filter(filter) if filter.source() == "{base, date, rates}"));
    let RatesPlace::File { path, name } = source.place else { panic!("{source:?}") };
    assert_eq!((path, name.as_str()), (scene.path("lists/today.json"), "lists/today.json"));
}

#[test]
fn mocks_fetch_nothing_and_say_so_where_it_matters() {
    let web = "rates-url = \"https://${MISSING}.example/\"";
    let settings = scene(web).load(&["--mock"]).unwrap();
    assert!(settings.rates_source.is_none());
    assert_eq!(warnings(&settings), [&WarningKind::RatesMissing { failure: None }]);
    let declared = Scene::new(&format!("{web}\n{SUPPLIER}{TABLE}")).load(&["--mock"]).unwrap();
    assert!(declared.rates_source.is_none() && declared.rates.is_some() && declared.warnings.is_empty());
    let served = scene(web).on(Errand::Serve).load(&[]).unwrap();
    assert!(served.rates_source.is_none() && served.warnings.is_empty());
    let at_hand = scene("rates-url = \"file:rates.xml\"").load(&["--mock"]).unwrap();
    assert!(at_hand.rates_source.is_some() && at_hand.warnings.is_empty());
    assert!(scene(web).on(Errand::Check).error(&[]).contains("the environment has no variable `MISSING`"));
}

#[test]
fn a_secret_in_the_url_is_for_its_owner_alone() {
    for (url, holds_secret) in [("https://a.example/?key=hunter2", true), ("https://a.example/?key=${KEY}", false)] {
        let scene = scene(&format!("rates-url = \"{url}\""));
        set_mode(&scene.path("suppliers.toml"), 0o644);
        let settings = scene.load(&[]).unwrap();
        let warned = warnings(&settings).iter().any(|kind| matches!(kind, WarningKind::ReadableByOthers { .. }));
        assert_eq!(warned, holds_secret, "{url}");
    }
}
