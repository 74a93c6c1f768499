//! From a template to a path that no product leads astray.
//!
//! Main functions: [`locate`] and [`shown`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::unreadable;
use crate::domain::{Failure, PriceRequest, shortened};
use crate::mapping::{Bindings, UrlTemplate};

/// How many characters of a product an error shows.
const SHOWN: usize = 60;

/// The path for a request; a relative one starts from `folder`. A product names a file of the template's folder, or is
/// a folder's name within it, but it never leads elsewhere.
///
/// # Errors
/// `file_unreadable` when the request's product, or another value, cannot be part of a path.
pub(super) fn locate(template: &UrlTemplate, folder: &Path, bindings: &Bindings) -> Result<PathBuf, Failure> {
    let request = bindings.request();
    let plain = bindings.about(PriceRequest { product: "x".to_owned(), ..request.clone() });
    let (path, usual) = (template.expand(bindings), template.expand(&plain));
    let product = || unreadable(format!("product `{}` cannot be part of a path", shortened(&request.product, SHOWN)));
    if path.matches('/').count() != usual.matches('/').count() {
        return Err(product());
    }
    let mut bytes = Vec::new();
    for (index, (part, usual)) in path.split('/').zip(usual.split('/')).enumerate() {
        let name: Vec<u8> = percent_decode_str(part).collect();
        let leads_astray = matches!(&name[..], b"" | b"." | b"..");
        let breaks = name.contains(&b'/') || name.contains(&0);
        if part != usual && (breaks || leads_astray) {
            return Err(product());
        }
        if breaks {
            return Err(unreadable("a value in its path has a `/`"));
        }
        if index > 0 {
            bytes.push(b'/');
        }
        bytes.extend(name);
    }
    Ok(folder.join(OsStr::from_bytes(&bytes)))
}

/// The path as the configuration writes it, every secret masked.
pub(super) fn shown(template: &UrlTemplate, bindings: &Bindings) -> String {
    percent_decode_str(&template.expand(&bindings.masked())).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Currency, Quantity};
    use crate::mapping::{Binding, Names};

    fn located(template: &str, product: &str) -> Option<String> {
        let currency = Currency::parse("EUR").unwrap();
        let request = PriceRequest { product: product.to_owned(), quantity: Quantity::ONE, currency };
        let bindings = Bindings::new(Arc::new(request), [Binding::text("site", "a/b")].into());
        let template = UrlTemplate::parse(template, &Names::of_request().with(["site"])).unwrap();
        let path = locate(&template, Path::new("/home"), &bindings).ok()?;
        Some(path.into_os_string().into_string().unwrap())
    }

    #[test]
    fn a_relative_path_starts_from_the_folder_and_an_absolute_one_does_not() {
        assert_eq!(located("prices/a%20b.csv", "x").unwrap(), "/home/prices/a b.csv");
        assert_eq!(located("../prices.csv", "x").unwrap(), "/home/../prices.csv");
        assert_eq!(located("/srv/{product}/{quantity}.json", "A 1").unwrap(), "/srv/A 1/1.json");
        assert_eq!(located("prices{/product}.json", "ä%2F").unwrap(), "/home/prices/ä%2F.json");
    }

    #[test]
    fn no_product_leads_out_of_the_folder() {
        for template in ["prices/{product}", "prices/{+product}", "prices{/product}", "{product}", "/{product}/x.csv"] {
            for product in ["..", ".", "", "../x", "/etc/passwd", "a/b", "a\0", "../../x", "..%2Fx/"] {
                assert_eq!(located(template, product), None, "{template} {product:?}");
            }
        }
        // As a part of a name, points are harmless.
        assert_eq!(located("prices/{product}.json", "..").unwrap(), "/home/prices/...json");
        assert_eq!(located("p/{+product}", "..%2Fx"), None);
        assert_eq!(located("p/{site}/{product}", "x"), None);
    }
}
