//! From one request to a supplier's keys: which parts of its URL are the product, the quantity or a secret.
//!
//! Owns that no secret is ever written into a file. Refuses to know what is asked and what is answered. Main type:
//! [`Observed`].

use percent_encoding::percent_decode_str;

use super::variables::{Text, is_sensitive_name};
use crate::mapping::{Names, UrlTemplate};

/// Names of query parameters whose number is a quantity, whatever it is.
const QUANTITIES: [&str; 4] = ["quantity", "qty", "menge", "cantidad"];
/// Words in front of credentials, which stay.
const SCHEMES: [&str; 5] = ["Bearer", "Basic", "Token", "ApiKey", "Digest"];

/// One request, as it is written into a configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Observed {
    /// The URL, an RFC 6570 template with `${VAR}` in the place of secrets.
    pub url: String,
    /// The headers, with `${VAR}` in the place of secrets.
    pub headers: Vec<(String, String)>,
    /// The variables that stand for secrets now, with their values. They must be set where the configuration is used.
    pub secrets: Vec<(String, String)>,
    /// Whether the URL depends on the product.
    pub asks_for_product: bool,
}

/// Rewrites a request that was made for a product and a quantity, if these are known, to the supplier `name`.
#[must_use]
pub fn observe(
    name: &str,
    url: &str,
    headers: &[(String, String)],
    product: Option<&str>,
    quantity: Option<u64>,
) -> Observed {
    let mut observer = Observer { name, product, quantity, secrets: Vec::new() };
    let url = observer.url(url);
    let headers = headers.iter().map(|(key, value)| (key.clone(), observer.header(key, value))).collect();
    let asks_for_product = url.contains("{product") || url.contains("product}") || url.contains("product,");
    Observed { url, headers, secrets: observer.secrets, asks_for_product }
}

struct Observer<'a> {
    name: &'a str,
    product: Option<&'a str>,
    quantity: Option<u64>,
    secrets: Vec<(String, String)>,
}

impl Observer<'_> {
    fn url(&mut self, url: &str) -> String {
        let masked = Text::parse(url).map_or_else(|_| url.to_owned(), |text| text.assumed());
        let is_template = UrlTemplate::parse(&masked, &Names::of_request()).is_ok() && masked.contains('{');
        let url = url.split('#').next().unwrap_or_default();
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        // A template may begin its query with `{?…}`, which is no parameter.
        if is_template && !url.contains('?') || base.contains('{') && base.ends_with('{') {
            return url.to_owned();
        }
        let escape = |text: &str| if is_template { text.to_owned() } else { escape_braces(text) };
        let mut written = self.base(&escape(base));
        let parameters: Vec<&str> = query.split('&').filter(|parameter| !parameter.is_empty()).collect();
        let last = parameters.len();
        for (index, parameter) in parameters.into_iter().enumerate() {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let is_quantity = self.is_quantity(key, value);
            if is_quantity && key == "quantity" && index + 1 == last {
                written.push_str(if index == 0 { "{?quantity}" } else { "{&quantity}" });
                continue;
            }
            written.push(if index == 0 { '?' } else { '&' });
            written.push_str(&escape(key));
            if parameter.contains('=') {
                written.push('=');
                written.push_str(&self.value(key, &escape(value), is_quantity));
            }
        }
        written
    }

    /// Scheme, host and path.
    fn base(&mut self, base: &str) -> String {
        let Some((scheme, rest)) = base.split_once("://") else { return base.to_owned() };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = self.authority(authority);
        let path: Vec<String> = path.split('/').map(|segment| self.with_product(segment)).collect();
        format!("{scheme}://{authority}{}", path.join("/"))
    }

    /// A password, or a user name that stands alone and so may be a token, is a secret.
    fn authority(&mut self, authority: &str) -> String {
        let Some((user_info, host)) = authority.rsplit_once('@') else { return authority.to_owned() };
        match user_info.split_once(':') {
            Some((user, password)) => {
                let password = self.secret("PASSWORD", password);
                format!("{user}:{password}@{host}")
            }
            None => format!("{}@{host}", self.secret("TOKEN", user_info)),
        }
    }

    fn is_quantity(&self, key: &str, value: &str) -> bool {
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let named = QUANTITIES.contains(&key.to_lowercase().as_str());
        let given = self.quantity.is_some_and(|quantity| value == quantity.to_string());
        let countish = ["count", "amount", "pieces", "pcs", "q", "n"].contains(&key.to_lowercase().as_str());
        is_number && (named || (given && countish && self.quantity != Some(1)))
    }

    fn value(&mut self, key: &str, value: &str, is_quantity: bool) -> String {
        let with_product = self.with_product(value);
        match () {
            () if is_quantity => "{quantity}".to_owned(),
            () if with_product != value => with_product,
            () if is_sensitive_name(key) && !value.is_empty() => self.secret(&upper(key), value),
            () => value.to_owned(),
        }
    }

    /// A part of a URL with the product's variable in its place, if it is a whole word there.
    fn with_product(&self, part: &str) -> String {
        let Some(product) = self.product.filter(|product| !product.is_empty()) else { return part.to_owned() };
        let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        if decode(part).eq_ignore_ascii_case(product) || percent_decode_str(part).decode_utf8_lossy() == *product {
            return "{product}".to_owned();
        }
        let Some(start) = part.find(product) else { return part.to_owned() };
        let end = start + product.len();
        let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
        if is_edge(part[..start].chars().next_back()) && is_edge(part[end..].chars().next()) {
            return format!("{}{{product}}{}", &part[..start], &part[end..]);
        }
        part.to_owned()
    }

    fn header(&mut self, key: &str, value: &str) -> String {
        if !is_sensitive_name(key) || value.is_empty() {
            return value.replace("${", "$${").replace("$$${", "$${");
        }
        match value.split_once(' ').filter(|(scheme, _)| SCHEMES.contains(scheme)) {
            Some((scheme, credentials)) => format!("{scheme} {}", self.secret("TOKEN", credentials)),
            None => self.secret(&upper(key), value),
        }
    }

    /// The variable that stands for a secret from now on; one that is a variable already stays.
    fn secret(&mut self, what: &str, value: &str) -> String {
        if Text::parse(value).is_ok_and(|text| text.has_variables()) {
            return value.to_owned();
        }
        let wanted = format!("{}_{what}", upper(self.name));
        let wanted =
            if wanted.starts_with(|first: char| first.is_ascii_digit()) { format!("_{wanted}") } else { wanted };
        let taken = |name: &String| self.secrets.iter().any(|(known, old)| known == name && old != value);
        let mut name = wanted.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        if !self.secrets.iter().any(|(known, _)| *known == name) {
            self.secrets.push((name.clone(), value.to_owned()));
        }
        format!("${{{name}}}")
    }
}

/// A text as a part of a variable's name.
fn upper(text: &str) -> String {
    let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }).collect()
}

/// Braces would begin a variable of the template; those of `${VAR}` do stay.
fn escape_braces(text: &str) -> String {
    let mut escaped = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let is_variable = rest[..start].ends_with('$') && rest[start..].starts_with('{');
        let end = rest[start..].find('}').filter(|_| is_variable).map(|end| start + end + 1);
        escaped.push_str(&rest[..start]);
        match end {
            Some(end) => escaped.push_str(&rest[start..end]),
            None => escaped.push_str(if rest[start..].starts_with('{') { "%7B" } else { "%7D" }),
        }
        rest = &rest[end.unwrap_or(start + 1)..];
    }
    escaped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(url: &str, product: Option<&str>, quantity: Option<u64>) -> String {
        observe("acme", url, &[], product, quantity).url
    }

    #[test]
    fn product_and_quantity_become_variables() {
        for (asked, written) in [
            ("https://a.example/p/widget", "https://a.example/p/{product}"),
            ("https://a.example/p/widget.json?x=1", "https://a.example/p/{product}.json?x=1"),
            ("https://a.example/s?keyword=widget&quantity=95", "https://a.example/s?keyword={product}{&quantity}"),
            ("https://a.example/s?quantity=95", "https://a.example/s{?quantity}"),
            ("https://a.example/s?qty=7&q=WIDGET", "https://a.example/s?qty={quantity}&q={product}"),
            ("https://a.example/s?count=95&page=95", "https://a.example/s?count={quantity}&page=95"),
            ("https://widget.example/widgets/x", "https://widget.example/widgets/x"),
            ("https://a.example/s?f={a}#top", "https://a.example/s?f=%7Ba%7D"),
            ("https://a.example/{product}{?quantity}", "https://a.example/{product}{?quantity}"),
            ("https://a.example/s?q={product}&key=hunter2", "https://a.example/s?q={product}&key=${ACME_KEY}"),
        ] {
            assert_eq!(url(asked, Some("widget"), Some(95)), written, "{asked}");
        }
        assert_eq!(url("https://a.example/a%20b?x=a+b", Some("a b"), None), "https://a.example/{product}?x={product}");
        assert_eq!(url("https://a.example/p/widget", None, None), "https://a.example/p/widget");
    }

    #[test]
    fn secrets_become_variables_of_the_environment() {
        let headers = [("Authorization", "Bearer hunter2"), ("X-Api-Key", "hunter3"), ("Accept-Language", "de")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let asked = "https://u:pw@a.example/s?apikey=k9&q=x&token=${MINE}";
        let Observed { url, headers, secrets, .. } = observe("acme-2.eu", asked, &headers, None, None);
        assert_eq!(url, "https://u:${ACME_2_EU_PASSWORD}@a.example/s?apikey=${ACME_2_EU_APIKEY}&q=x&token=${MINE}");
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["Bearer ${ACME_2_EU_TOKEN}", "${ACME_2_EU_X_API_KEY}", "de"]);
        let values: Vec<&str> = secrets.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["pw", "k9", "hunter2", "hunter3"]);
    }

    #[test]
    fn two_secrets_of_one_name_are_two_variables() {
        let secrets = observe("a", "https://t1@a.example/s?token=t2&token=t1", &[], None, None).secrets;
        let names: Vec<&str> = secrets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["A_TOKEN", "A_TOKEN_2"]);
    }
}
