//! Who is answered for, and who answers.
//!
//! Owns which suppliers fit these roles. Main type: [`Roles`].

use std::sync::Arc;

use crate::cli::{Flags, Worker};
use crate::config::{AmqpEndpoint, Endpoint, Settings, Supplier};
use crate::domain::{AmqpTarget, Terms};
use crate::respond::worker::{Answerer, MockAnswerer};

use super::super::error::Failed;
use super::upstream::Upstream;

/// The suppliers of a worker.
pub(super) struct Roles<'a> {
    /// Whose requests are answered.
    pub(super) supplier: &'a Supplier,
    /// Who is asked for the answers; `None` = the first one's mock gives them.
    pub(super) upstream: Option<&'a Supplier>,
}

/// The supplier that the flags name.
///
/// # Errors
/// When that is none, or several.
pub(super) fn only_supplier(flags: &Flags) -> Result<&str, Failed> {
    match &flags.supplier[..] {
        [name] => Ok(name.trim()),
        [] => {
            let message = "`worker` answers for one supplier, and none is named".to_owned();
            Err(Failed::Usage { message, hint: "add `--supplier NAME`" })
        }
        [..] => {
            let message = "`worker` answers for one supplier, and several are named".to_owned();
            Err(Failed::Usage { message, hint: "start a worker for each" })
        }
    }
}

/// The flags by which the configuration is read: both suppliers are chosen, and nothing else matters.
pub(super) fn flags(arguments: &Worker, flags: &Flags, name: &str) -> Flags {
    let upstream = arguments.upstream.as_deref().map(str::trim).filter(|upstream| *upstream != name);
    let supplier = std::iter::once(name).chain(upstream).map(str::to_owned).collect();
    Flags { supplier, exclude: Vec::new(), require: Vec::new(), mock: false, dry_run: false, ..flags.clone() }
}

impl<'a> Roles<'a> {
    /// Finds both suppliers.
    ///
    /// # Errors
    /// When one of them does not fit its role.
    pub(super) fn of(settings: &'a Settings, name: &str, arguments: &Worker) -> Result<Self, Failed> {
        let find = |name: &str| {
            let found = settings.suppliers.iter().find(|supplier| supplier.name.as_str() == name);
            // The configuration knows all that were chosen.
            found.ok_or_else(|| Failed::Supplier(format!("there is no supplier `{name}`")))
        };
        let supplier = find(name)?;
        check_supplier(supplier)?;
        check_flags(supplier, arguments)?;
        let upstream = arguments.upstream.as_deref().map(|upstream| find(upstream.trim())).transpose()?;
        match upstream {
            Some(upstream) => check_upstream(supplier, upstream)?,
            None if supplier.mock.is_none() => {
                let message = format!("supplier `{name}` has no mock to answer from");
                let hint = "add a table `[suppliers.NAME.mock]`, or name a supplier to ask with `--upstream`";
                return Err(Failed::remark(message, hint));
            }
            None => {}
        }
        Ok(Self { supplier, upstream })
    }

    /// Who answers.
    ///
    /// # Errors
    /// When a setting of the upstream cannot be used.
    pub(super) fn answerer(&self, settings: &Settings) -> Result<Arc<dyn Answerer>, Failed> {
        if let Some(upstream) = self.upstream {
            return Ok(Arc::new(Upstream::new(upstream, settings)?));
        }
        let mock = self.supplier.mock.as_deref().cloned();
        let mock = mock.ok_or_else(|| Failed::Supplier(format!("supplier `{}` has no mock", self.supplier.name)))?;
        Ok(Arc::new(MockAnswerer::new(self.supplier.name.clone(), mock)))
    }

    /// Where requests come, such as ``queue `quotes.acme` ``.
    pub(super) fn place(&self) -> String {
        match &self.supplier.endpoint {
            Endpoint::Amqp(endpoint) => match &endpoint.target {
                AmqpTarget::Queue(queue) => format!("queue `{queue}`"),
                AmqpTarget::Exchange { name, .. } => format!("exchange `{name}`"),
            },
            Endpoint::Kafka(endpoint) => format!("topic `{}`", endpoint.topic),
            Endpoint::Http(_) | Endpoint::File(_) => "nowhere".to_owned(),
        }
    }

    /// The broker, every secret masked.
    pub(super) fn broker(&self) -> String {
        match &self.supplier.endpoint {
            Endpoint::Amqp(endpoint) => endpoint.shown_url.clone(),
            Endpoint::Kafka(endpoint) => format!("kafka://{}", endpoint.shown_brokers),
            Endpoint::Http(_) | Endpoint::File(_) => String::new(),
        }
    }
}

/// Whether a worker can read what a supplier is asked.
fn check_supplier(supplier: &Supplier) -> Result<(), Failed> {
    let name = &supplier.name;
    match &supplier.endpoint {
        Endpoint::Http(_) | Endpoint::File(_) => {
            let message = format!("supplier `{name}` is not on a broker, so there is nothing for a worker to do");
            return Err(Failed::remark(message, "`pricecmp mock` answers over HTTP"));
        }
        Endpoint::Amqp(endpoint) => check_target(supplier, endpoint)?,
        Endpoint::Kafka(_) => {}
    }
    if supplier.request.is_some() {
        let message = format!("supplier `{name}` is asked by what its `request` makes, which a worker cannot read");
        return Err(Failed::remark(message, "remove `request`: workers read the wire's own format"));
    }
    Ok(())
}

/// Whether the flags mean something to the supplier's broker.
fn check_flags(supplier: &Supplier, arguments: &Worker) -> Result<(), Failed> {
    let is_on_kafka = matches!(supplier.endpoint, Endpoint::Kafka(_));
    let (message, hint) = match (is_on_kafka, arguments.declare, &arguments.group) {
        (true, true, _) => (
            "`--declare` makes queues of RabbitMQ, and the supplier is on Kafka",
            "make the topic by Kafka's own tools",
        ),
        (false, _, Some(_)) => {
            ("`--group` is for Kafka, and the supplier is on RabbitMQ", "remove it: the workers on a queue share it")
        }
        _ => return Ok(()),
    };
    Err(Failed::Usage { message: message.to_owned(), hint })
}

fn check_target(supplier: &Supplier, endpoint: &AmqpEndpoint) -> Result<(), Failed> {
    let AmqpTarget::Exchange { name, .. } = &endpoint.target else { return Ok(()) };
    let message = format!("supplier `{}` is asked by way of the exchange `{name}`, and a worker needs a queue", {
        &supplier.name
    });
    Err(Failed::remark(message, "bind a queue to it, and add a supplier with that `queue` for the worker"))
}

/// Whether another supplier's answers can be passed on as those of a supplier. A wrong price is worse than none.
fn check_upstream(supplier: &Supplier, upstream: &Supplier) -> Result<(), Failed> {
    let (name, other) = (&supplier.name, &upstream.name);
    if name == other {
        let message = format!("supplier `{name}` would be asked for its own answers");
        return Err(Failed::remark(message, "name another one with `--upstream`, or leave it out for the mock"));
    }
    if matches!(upstream.endpoint, Endpoint::Amqp(_) | Endpoint::Kafka(_)) {
        let message = format!("`--upstream`: supplier `{other}` is on a broker itself");
        return Err(Failed::remark(message, "name one over HTTP or in a file"));
    }
    if supplier.quotes.quotes.is_some() || supplier.quotes.error.is_some() {
        let message = format!(
            "supplier `{name}` has a filter for its replies, and those of a worker with `--upstream` are in the wire's own format"
        );
        return Err(Failed::remark(message, "remove `quotes` and `error`: those of the upstream apply"));
    }
    let differences = differences(&supplier.terms, &upstream.terms);
    if !differences.is_empty() {
        let message =
            format!("suppliers `{name}` and `{other}` differ in {}, which no reply carries", differences.join(", "));
        return Err(Failed::remark(message, "write the same for both"));
    }
    Ok(())
}

/// The keys by which totals would differ. Currency and tax are said in each offer.
fn differences(ours: &Terms, theirs: &Terms) -> Vec<&'static str> {
    let Terms {
        currency: _,
        amounts_in,
        shipping,
        free_shipping_from,
        minimum_order_value,
        fees,
        tax_included_percent: _,
        transit_days,
        allow_free,
    } = ours;
    let has_amounts = [shipping, free_shipping_from, minimum_order_value, fees].into_iter().any(Option::is_some);
    let pairs = [
        ("`shipping`", *shipping == theirs.shipping),
        ("`free-shipping-from`", *free_shipping_from == theirs.free_shipping_from),
        ("`minimum-order-value`", *minimum_order_value == theirs.minimum_order_value),
        ("`fees`", *fees == theirs.fees),
        ("`currency`", !has_amounts || *amounts_in == theirs.amounts_in),
        ("`transit-days`", *transit_days == theirs.transit_days),
        ("`allow-free`", *allow_free == theirs.allow_free),
    ];
    pairs.into_iter().filter(|(_, is_same)| !is_same).map(|(key, _)| key).collect()
}
