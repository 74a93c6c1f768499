//! `basic`, `bearer` and `oauth2`: how a supplier knows us. No message repeats a value.
//!
//! Owns their keys and their rules. Refuses to know how secrets are found. Main types: [`BasicTable`] and [`OAuth2Table`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use url::Url;

use super::document::{At, Span};
use super::error::{Problem, quoted};
use super::file::SupplierTable;
use super::reader::{Context, Fields};
use super::schema;
use super::secret::SecretSource;
use super::settings::Header;
use super::values::Read;
use crate::domain::{ClientAuthentication, ClientCredentials, Secret};

pub(super) const BASIC_KEYS: &[&str] = &["user", "password"];
pub(super) const OAUTH2_KEYS: &[&str] =
    &["token-url", "client-id", "client-secret", "scope", "audience", "client-authentication"];

/// A name and a password, sent with every request.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BasicTable {
    /// The name. `${VAR}` is replaced from the environment.
    #[schemars(with = "String")]
    pub(super) user: At<SecretSource>,
    /// The password: text, `{ file }` or `{ command }`.
    #[schemars(with = "schema::SecretForms")]
    pub(super) password: At<SecretSource>,
}

/// `OAuth2` client credentials: a token is asked for once a run and sent with every request.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OAuth2Table {
    /// Where a token is asked for.
    #[schemars(with = "String")]
    pub(super) token_url: At<SecretSource>,
    /// The client's name. `${VAR}` is replaced from the environment.
    #[schemars(with = "String")]
    pub(super) client_id: At<SecretSource>,
    /// The client's secret: text, `{ file }` or `{ command }`.
    #[schemars(with = "schema::SecretForms")]
    pub(super) client_secret: At<SecretSource>,
    /// What the token is to allow.
    #[schemars(with = "Option<String>")]
    pub(super) scope: Option<At<String>>,
    /// Whom the token is for, where the server wants to know.
    #[schemars(with = "Option<String>")]
    pub(super) audience: Option<At<String>>,
    /// Where name and secret are sent: in the header, or in the body. Default: basic.
    #[schemars(with = "Option<schema::ClientAuthenticationWord>")]
    pub(super) client_authentication: Option<At<ClientAuthentication>>,
}

impl BasicTable {
    /// Reads it; what is wrong is noted.
    pub(super) fn read(supplier: &str, fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let table = fields.table("basic")?;
        let mut fields = Fields::new(table, Context::Basic(supplier), BASIC_KEYS, fields.findings);
        let (user, password) = (text(&mut fields, "user"), fields.read("password", SecretSource::read));
        needed(&mut fields, &[("user", "user = \"…\""), ("password", "password = \"${PASSWORD}\"")]);
        Some(Self { user: user?, password: password? })
    }
}

impl OAuth2Table {
    /// Reads it; what is wrong is noted.
    pub(super) fn read(supplier: &str, fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let table = fields.table("oauth2")?;
        let mut fields = Fields::new(table, Context::OAuth2(supplier), OAUTH2_KEYS, fields.findings);
        let token_url = text(&mut fields, "token-url");
        if let Some(At { value: url, span }) = &token_url
            && url.is_literal()
            && let Err(problem) = check_url(&literal(url))
        {
            fields.complain("token-url", *span, problem);
        }
        let client_id = text(&mut fields, "client-id");
        let client_secret = fields.read("client-secret", SecretSource::read);
        let (scope, audience) = (fields.text("scope"), fields.text("audience"));
        let client_authentication = fields.word("client-authentication", read_authentication);
        let hints = [
            ("token-url", "token-url = \"https://…\""),
            ("client-id", "client-id = \"…\""),
            ("client-secret", "client-secret = \"${SECRET}\""),
        ];
        needed(&mut fields, &hints);
        let (token_url, client_id, client_secret) = (token_url?, client_id?, client_secret?);
        Some(Self { token_url, client_id, client_secret, scope, audience, client_authentication })
    }
}

/// Complains of keys that are not there.
fn needed(fields: &mut Fields<'_, '_, '_>, keys: &[(&str, &str)]) {
    for (key, example) in keys {
        if fields.raw(key).is_none() {
            fields.complain_of_table(&format!("has no `{key}`"), &format!("add `{example}`"));
        }
    }
}

/// Reads text with `${VAR}`.
fn text(fields: &mut Fields<'_, '_, '_>, key: &str) -> Option<At<SecretSource>> {
    fields.read(key, |value| super::headers::secret_text(value).map(SecretSource::Text))
}

fn literal(source: &SecretSource) -> String {
    match source {
        SecretSource::Text(text) => text.clone(),
        SecretSource::File(_) | SecretSource::Command(_) => String::new(),
    }
}

/// Whether a token can be asked for at a URL, which is not repeated.
pub(super) fn check_url(url: &str) -> Read<()> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    url.map(drop)
        .ok_or_else(|| Problem::new("it is not a URL that can be asked").with_hint("write `https://HOST/PATH`"))
}

fn read_authentication(text: &str) -> Read<ClientAuthentication> {
    match text {
        "basic" => Ok(ClientAuthentication::Basic),
        "body" => Ok(ClientAuthentication::Body),
        _ => Err(Problem::new(format!("{} is no choice", quoted(text))).with_hint("`basic` or `body`")),
    }
}

/// Checks that there is one way at most in which a supplier knows us.
pub(super) fn check_alone(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    let header = supplier.headers.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("authorization"));
    let given: Vec<(&str, Span)> = [
        header.map(|(name, _)| ("headers.Authorization", name.span)),
        supplier.basic.as_ref().map(|basic| ("basic", basic.user.span)),
        supplier.bearer.as_ref().map(|bearer| ("bearer", bearer.span)),
        supplier.oauth2.as_ref().map(|oauth2| ("oauth2", oauth2.token_url.span)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let [(first, _), (second, span), ..] = given[..] {
        let problem = Problem::new(format!("`{first}` makes the `Authorization` header already"));
        fields.complain(second, span, problem.with_hint("leave one of the two"));
    }
}

/// The header of a name and a password.
pub(super) fn basic(user: &str, password: &str) -> Header {
    let encoded = BASE64.encode(format!("{user}:{password}"));
    authorization("Basic", &encoded)
}

/// The header of a token.
pub(super) fn bearer(token: &str) -> Header {
    authorization("Bearer", token)
}

fn authorization(scheme: &str, value: &str) -> Header {
    let name = "Authorization".to_owned();
    Header { name, value: Secret::new(format!("{scheme} {value}")), shown: format!("{scheme} ***") }
}

/// Makes credentials of a table; `secret` finds each secret, given its key.
pub(super) fn client(
    table: &OAuth2Table,
    mut secret: impl FnMut(&'static str, &At<SecretSource>) -> Option<Secret>,
) -> Option<ClientCredentials> {
    let token_url = secret("token-url", &table.token_url);
    let client_id = secret("client-id", &table.client_id);
    let client_secret = secret("client-secret", &table.client_secret);
    Some(ClientCredentials {
        token_url: token_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        scope: table.scope.as_ref().map(|at| at.value.clone()),
        audience: table.audience.as_ref().map(|at| at.value.clone()),
        authentication: table.client_authentication.as_ref().map(|at| at.value).unwrap_or_default(),
    })
}
