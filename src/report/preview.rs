//! Requests as they would be sent, for a dry run and for one supplier explained.

use super::sanitize::clean;

/// Writes one request as its supplier's name, its first line, its headers and its body. Secrets must be masked
/// already. Every line is cleaned; the body keeps its lines and their indentation.
#[must_use]
pub fn render(supplier: &str, head: &str, headers: &[(String, String)], body: Option<&str>) -> String {
    let mut text = format!("{}\n  {}\n", clean(supplier), clean(head));
    for (name, value) in headers {
        text.extend(["  ", &clean(name), ": ", &clean(value), "\n"]);
    }
    if let Some(body) = body {
        text.push('\n');
        for line in body.lines() {
            let indent = line.len() - line.trim_start_matches(' ').len();
            text.extend(["  ", &line[..indent], &clean(line)]);
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_line_by_line() {
        let headers = [("Authorization".to_owned(), "***".to_owned()), ("X-Odd".to_owned(), "a\r\nb\u{1b}".to_owned())];
        insta::assert_snapshot!(
            render("acme", "POST https://acme.example/quotes", &headers, Some("{\n  \"product\": \"wid\u{202e}get\"\n}")),
            @r#"
        acme
          POST https://acme.example/quotes
          Authorization: ***
          X-Odd: a b�

          {
            "product": "widget"
          }
        "#
        );
    }

    #[test]
    fn a_request_without_a_body_ends_after_its_headers() {
        assert_eq!(render("acme", "GET http://x/", &[], None), "acme\n  GET http://x/\n");
    }
}
