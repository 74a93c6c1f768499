//! What a client shows to be given a token.

use super::Secret;

/// A client's credentials at a token endpoint (RFC 6749, section 4.4). Two suppliers with equal ones share a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientCredentials {
    /// Where a token is asked for, `http` or `https`.
    pub token_url: Secret,
    /// The client's name.
    pub client_id: Secret,
    /// Its secret.
    pub client_secret: Secret,
    /// What the token is to allow; `None` = what the server thinks fit.
    pub scope: Option<String>,
    /// Whom the token is for, where a server wants to know.
    pub audience: Option<String>,
    /// How the client shows who it is.
    pub authentication: ClientAuthentication,
}

/// How a client shows who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// By name and secret in the `Authorization` header, as the standard prefers.
    #[default]
    Basic,
    /// By name and secret in the body.
    Body,
}
