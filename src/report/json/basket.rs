//! The documents of a basket, as types.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Number, whole_milliseconds};
use super::view::{self, GateView, WarningView};
use super::words::Word;
use crate::compare::{
    BasketComparison, BasketFailure, BasketLine, BasketOffer, BasketSupplier, Comparison, Motive, Obstacle, Why,
};
use crate::domain::basket::{Amounts, Optimality, Order, OrderLine, Purchase};
use crate::domain::{Currency, OfferIdentity, Termination, TransportKind};
use crate::report::basket::words;

/// The comparison of one line of a basket.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "pricecmp basket, one line")]
pub(super) struct LineDocument<'a> {
    /// The line or row of the file, or the element of its array, from 1.
    line: u64,
    #[serde(flatten)]
    comparison: view::Document<'a>,
}

/// The best order for many lines.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp basket")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The run's id. Each line has one of its own, which is what suppliers are sent.
    correlation_id: &'a str,
    /// When the run started, RFC 3339 in UTC.
    started_at: String,
    /// How long the run took.
    elapsed_ms: u64,
    request: Request<'a>,
    /// Why the run stopped asking.
    termination: Word<Termination>,
    /// The exit code that the process ends with if the output can be written.
    exit_code: u8,
    /// Why there is no complete result.
    failure: Option<Failure>,
    /// What to buy where; as a whole, it is the cheapest that was found.
    purchase: PurchaseView,
    /// Whether there can be a cheaper one; `null` = none was looked for.
    optimality: Option<OptimalityView>,
    /// What is ordered, by supplier and currency.
    orders: Vec<OrderView<'a>>,
    /// What became of each line, in the file's order.
    lines: Vec<Line<'a>>,
    naive: NaiveView<'a>,
    /// What every supplier did, in the configuration's order.
    supplier_stats: Vec<Stats<'a>>,
    /// The conditions on the total.
    gates: Vec<GateView>,
    /// What deserves attention.
    warnings: Vec<WarningView<'a>>,
}

/// What was asked, and under which conditions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "BasketRequest")]
struct Request<'a> {
    /// How many lines there are; those about the same product are one.
    lines: usize,
    /// The currency of every amount outside `original`.
    currency: &'a str,
    /// How many suppliers may get an order.
    max_suppliers: Option<usize>,
    /// Whether a line may be bought from several suppliers.
    split: bool,
    /// The latest delivery that is accepted, calendar days.
    within_days: Option<u16>,
    /// Whether orders beyond what minimum and multiple force are ruled out.
    exact_quantity: bool,
    /// The time for everything; `null` = as much as it takes.
    timeout_ms: Option<u64>,
    max_total: Option<Number>,
    /// Whether a line may have no supplier.
    partial: bool,
}

/// Why there is no complete result.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "BasketFailure")]
struct Failure {
    kind: Word<BasketFailure>,
    message: String,
}

/// What a way to buy costs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Purchase")]
struct PurchaseView {
    total_price: Number,
    /// Whether all shipping is known; the total is without what is not.
    shipping_known: bool,
    /// To how many suppliers, and in how many currencies of theirs, orders go.
    orders: usize,
    /// When the last order arrives, calendar days.
    delivery_days: Option<u16>,
    /// How many lines are not bought.
    missing_lines: usize,
}

/// What others would buy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Naive")]
struct NaiveView<'a> {
    /// Each line where its own quote is the cheapest.
    cheapest_lines: Other<'a>,
    /// Everything from one supplier: the one that has the most lines, the cheapest of these.
    one_supplier: Option<Other<'a>>,
    /// Each line where it arrives first.
    fastest_lines: Other<'a>,
}

/// Another way to buy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "OtherPurchase")]
struct Other<'a> {
    suppliers: Vec<&'a str>,
    total_price: Number,
    shipping_known: bool,
    delivery_days: Option<u16>,
    missing_lines: usize,
    /// How much more it costs; `null` = it does not get the same lines.
    more: Option<Number>,
}

/// What is known of purchases that were not found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Optimality")]
struct OptimalityView {
    /// Whether no purchase costs less, but for what `within` hides.
    proved: bool,
    /// What rounding of converted or taxed amounts may hide; `null` = nothing is proved.
    within: Option<Number>,
    /// No purchase costs less than this; `null` = the total is the least.
    bound: Option<Number>,
    /// How much of the total that is less, percent.
    gap_percent: Number,
}

/// What is ordered from one supplier in one currency.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Order")]
struct OrderView<'a> {
    supplier_id: &'a str,
    goods: Number,
    fees: Number,
    shipping: Number,
    shipping_known: bool,
    total_price: Number,
    /// What the supplier charges: in its currency, tax included.
    original: Original<'a>,
    /// When all of it is there, calendar days.
    delivery_days: Option<u16>,
    lines: Vec<Ordered<'a>>,
}

/// What a supplier charges: in its currency, tax included.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "OriginalAmounts")]
struct Original<'a> {
    currency: &'a str,
    goods: Number,
    fees: Number,
    shipping: Number,
    total_price: Number,
}

/// A line of an order.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Ordered<'a> {
    /// The line of the file; the first one, where several are about the product.
    line: u64,
    product_id: &'a str,
    sku: Option<&'a str>,
    seller: Option<&'a str>,
    packaging: Option<&'a str>,
    url: Option<&'a str>,
    /// How many pieces are needed.
    quantity: u64,
    /// How many are ordered.
    order_quantity: u64,
    goods: Number,
    delivery_days: Option<u16>,
    /// Why it is bought there.
    motive: Word<Motive>,
    /// The same in words.
    reason: String,
}

/// What became of a line.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Line<'a> {
    /// The lines of the file; several where they are about the same product.
    lines: &'a [u64],
    product_id: &'a str,
    quantity: u64,
    /// Whether every supplier was asked and done.
    complete: bool,
    /// How many offers can be part of an order.
    offers: usize,
    /// Who it is ordered from.
    suppliers: Vec<&'a str>,
    /// Why suppliers offer nothing; only where nobody offers anything.
    obstacles: Vec<ObstacleView<'a>>,
}

/// Why a supplier offers nothing for a line.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Obstacle")]
struct ObstacleView<'a> {
    supplier_id: &'a str,
    kind: Word<Why>,
    /// The kind of the error, or the reason of the rejection.
    reason: Option<&'static str>,
    message: String,
}

/// What one supplier did, in all lines together.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "BasketSupplierStats")]
struct Stats<'a> {
    supplier: &'a str,
    transport: Word<TransportKind>,
    /// About how many lines it was asked.
    asked: u64,
    /// For how many it responded.
    responded: u64,
    /// How long a line took on average.
    mean_latency_ms: Option<Number>,
    /// How it failed.
    errors: Vec<Errors>,
}

/// How a supplier failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Errors {
    error_kind: &'static str,
    lines: u64,
    /// One of them in words.
    error: String,
}

impl<'a> LineDocument<'a> {
    pub(super) fn new(line: u64, comparison: &'a Comparison) -> Self {
        Self { line, comparison: view::Document::new(comparison) }
    }
}

impl<'a> Document<'a> {
    pub(super) fn new(basket: &'a BasketComparison) -> Self {
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            correlation_id: &basket.correlation_id,
            started_at: format!("{:.3}", basket.started_at),
            elapsed_ms: whole_milliseconds(basket.elapsed),
            request: Request::new(basket),
            termination: Word::of(&basket.termination),
            exit_code: basket.exit_code(),
            failure: basket
                .failure()
                .map(|failure| Failure { kind: Word::of(&failure), message: words::failure(&failure) }),
            purchase: PurchaseView::new(&basket.purchase, basket.currency),
            optimality: basket.optimality.map(|optimality| OptimalityView::new(optimality, basket.currency)),
            orders: basket.purchase.orders.iter().map(|order| OrderView::new(basket, order)).collect(),
            lines: (0..basket.lines.len()).map(|line| Line::new(basket, line)).collect(),
            naive: NaiveView {
                cheapest_lines: Other::new(basket, &basket.naive.cheapest_lines),
                one_supplier: basket.naive.one_supplier.as_ref().map(|purchase| Other::new(basket, purchase)),
                fastest_lines: Other::new(basket, &basket.naive.fastest_lines),
            },
            supplier_stats: basket.suppliers.iter().map(Stats::new).collect(),
            gates: basket.gates().iter().map(|gate| GateView::new(gate, basket.currency)).collect(),
            warnings: basket.warnings.iter().map(WarningView::new).collect(),
        }
    }
}

impl<'a> Request<'a> {
    fn new(basket: &'a BasketComparison) -> Self {
        let BasketComparison { limits, criteria, currency, .. } = basket;
        Self {
            lines: basket.lines.len(),
            currency: currency.code(),
            max_suppliers: limits.max_suppliers,
            split: limits.split,
            within_days: limits.within_days,
            exact_quantity: limits.exact,
            timeout_ms: basket.timeout.map(whole_milliseconds),
            max_total: criteria.max_total.map(|limit| Number::amount(limit, *currency)),
            partial: basket.partial,
        }
    }
}

impl PurchaseView {
    fn new(purchase: &Purchase, currency: Currency) -> Self {
        Self {
            total_price: Number::amount(purchase.total, currency),
            shipping_known: purchase.shipping_known,
            orders: purchase.orders.len(),
            delivery_days: purchase.delivery_days,
            missing_lines: purchase.missing.len(),
        }
    }
}

impl<'a> Other<'a> {
    fn new(basket: &'a BasketComparison, purchase: &Purchase) -> Self {
        let amount = |value: Decimal| Number::amount(value, basket.currency);
        let mut suppliers: Vec<&str> =
            purchase.orders.iter().map(|order| basket.suppliers[order.supplier].name.as_str()).collect();
        suppliers.dedup();
        Self {
            suppliers,
            total_price: amount(purchase.total),
            shipping_known: purchase.shipping_known,
            delivery_days: purchase.delivery_days,
            missing_lines: purchase.missing.len(),
            more: basket.more(purchase).map(amount),
        }
    }
}

impl OptimalityView {
    fn new(optimality: Optimality, currency: Currency) -> Self {
        match optimality {
            Optimality::Proved { within } => Self {
                proved: true,
                within: Some(Number::amount(within, currency)),
                bound: None,
                gap_percent: Number::plain(Decimal::ZERO),
            },
            Optimality::Gap { bound, percent } => Self {
                proved: false,
                within: None,
                bound: Some(Number::amount(bound, currency)),
                gap_percent: Number::plain(percent),
            },
        }
    }
}

impl<'a> OrderView<'a> {
    fn new(basket: &'a BasketComparison, order: &'a Order) -> Self {
        let amount = |value| Number::amount(value, basket.currency);
        let quoted = |value| Number::amount(value, order.currency);
        let Amounts { goods, fees, shipping, total } = order.quoted;
        Self {
            supplier_id: basket.suppliers[order.supplier].name.as_str(),
            goods: amount(order.amounts.goods),
            fees: amount(order.amounts.fees),
            shipping: amount(order.amounts.shipping),
            shipping_known: order.shipping_known,
            total_price: amount(order.amounts.total),
            original: Original {
                currency: order.currency.code(),
                goods: quoted(goods),
                fees: quoted(fees),
                shipping: quoted(shipping),
                total_price: quoted(total),
            },
            delivery_days: order.delivery_days,
            lines: order.lines.iter().map(|line| Ordered::new(basket, order.supplier, line)).collect(),
        }
    }
}

impl<'a> Ordered<'a> {
    fn new(basket: &'a BasketComparison, supplier: usize, ordered: &OrderLine) -> Self {
        let BasketLine { numbers, product, quantity, offers, .. } = &basket.lines[ordered.line];
        let identity = offers.get(ordered.offer).and_then(|BasketOffer { identity, .. }| identity.as_deref());
        let name = |pick: fn(&OfferIdentity) -> &Option<String>| identity.and_then(|names| pick(names).as_deref());
        let motive = basket.motive(ordered.line, supplier);
        Self {
            line: numbers.first().copied().unwrap_or_default(),
            product_id: product,
            sku: name(|names| &names.sku),
            seller: name(|names| &names.seller),
            packaging: name(|names| &names.packaging),
            url: name(|names| &names.url),
            quantity: quantity.get(),
            order_quantity: ordered.quantity,
            goods: Number::amount(ordered.goods, basket.currency),
            delivery_days: ordered.delivery_days,
            motive: Word::of(&motive),
            reason: words::motive(basket, motive),
        }
    }
}

impl<'a> Line<'a> {
    fn new(basket: &'a BasketComparison, position: usize) -> Self {
        let line = &basket.lines[position];
        let suppliers = basket.bought_from[position].iter();
        Self {
            lines: &line.numbers,
            product_id: &line.product,
            quantity: line.quantity.get(),
            complete: line.is_complete,
            offers: line.offers.len(),
            suppliers: suppliers.map(|supplier| basket.suppliers[*supplier].name.as_str()).collect(),
            obstacles: line.obstacles.iter().map(|obstacle| ObstacleView::new(basket, obstacle)).collect(),
        }
    }
}

impl<'a> ObstacleView<'a> {
    fn new(basket: &'a BasketComparison, obstacle: &Obstacle) -> Self {
        let reason = match &obstacle.why {
            Why::Failed(failure) => Some(failure.kind.as_str()),
            Why::Rejected(rejection) => Some(rejection.cause.reason().as_str()),
            Why::NotCarried => None,
        };
        Self {
            supplier_id: basket.suppliers[obstacle.supplier].name.as_str(),
            kind: Word::of(&obstacle.why),
            reason,
            message: words::obstacle(basket, &obstacle.why),
        }
    }
}

impl<'a> Stats<'a> {
    fn new(supplier: &'a BasketSupplier) -> Self {
        let errors = supplier.failures.iter().map(|(kind, (lines, failure))| Errors {
            error_kind: kind,
            lines: *lines,
            error: crate::report::prose::failure(failure),
        });
        Self {
            supplier: supplier.name.as_str(),
            transport: Word::of(&supplier.transport),
            asked: supplier.asked,
            responded: supplier.responded,
            mean_latency_ms: supplier.mean_time().map(Number::milliseconds),
            errors: errors.collect(),
        }
    }
}
