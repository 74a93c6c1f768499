//! Why an offer is not ranked.

use super::{count, quoted};
use crate::domain::{Cause, Criteria, Currency, CurrencyProblem, Fault, FaultProblem};
use crate::report::{amount, sanitize};

/// Says why an offer is not ranked, such as `95 needed, 60 in stock`. The criteria tell which flag forbids a larger
/// order.
#[must_use]
pub fn rejection(cause: &Cause, criteria: &Criteria) -> String {
    match cause {
        Cause::OutOfStock | Cause::NoneLeft => "out of stock".to_owned(),
        Cause::InsufficientStock { needed, in_stock } => format!("{needed} needed, {in_stock} in stock"),
        Cause::BelowMinimum { smallest, .. } if criteria.exact => {
            format!("minimum order {smallest}, and `--exact` was given")
        }
        Cause::BelowMinimum { needed, smallest } => {
            format!("minimum order {smallest}, and a price is known for {needed} only")
        }
        Cause::AboveMaximum { order, maximum } => format!("{order} needed, at most {maximum} an order"),
        Cause::BelowMinimumValue { goods, minimum_value, currency } => format!(
            "goods of {} are below the minimum order value of {}",
            money(*goods, *currency),
            money(*minimum_value, *currency)
        ),
        Cause::NoTier => "the list of price breaks is empty".to_owned(),
        Cause::Expired(end) => format!("expired at {end}"),
        Cause::NoCurrency => "no currency given, and none is configured".to_owned(),
        Cause::Currency(problem) => currency(problem),
        Cause::Invalid(fault) => invalid(fault),
        Cause::WrongProduct { found } => format!("reply is for product {}", quoted(found)),
        Cause::WrongQuantity { found } => format!("reply is for quantity {found}"),
        Cause::TooLate { days, within } => {
            format!("delivery takes {}, {within} allowed", count(u64::from(*days), "day", "days"))
        }
        Cause::DeliveryUnknown { within } => {
            format!("delivery is unknown, {} allowed", count(u64::from(*within), "day", "days"))
        }
    }
}

fn money(value: rust_decimal::Decimal, currency: Currency) -> String {
    format!("{} {currency}", amount::amount(value, currency.minor_digits()))
}

fn currency(problem: &CurrencyProblem) -> String {
    match problem {
        CurrencyProblem::Unknown(code) => format!("{} is not a currency of ISO 4217", quoted(code)),
        CurrencyProblem::NoMinorUnit(code) => format!("{} has no minor unit", quoted(code)),
        CurrencyProblem::NoRate(from, to) => format!("no rate from {} to {}", quoted(from), quoted(to)),
    }
}

fn invalid(fault: &Fault) -> String {
    let field = quoted(&fault.field);
    match &fault.problem {
        FaultProblem::Missing => format!("{field} is missing"),
        FaultProblem::WrongType { expected, found } => {
            format!("{field} must be {}, not {}", sanitize::clean(expected), sanitize::clean(found))
        }
        FaultProblem::Number { found, problem } => format!("{field} is {}: {problem}", quoted(found)),
        FaultProblem::OutOfRange { found, least, most } => {
            format!("{field} is {}: must be {least} to {most}", quoted(found))
        }
        FaultProblem::NotPositive(price) if price.is_zero() => {
            format!("{field} is 0: not a price unless `allow-free` is set")
        }
        FaultProblem::NotPositive(price) => format!("{field} is {price}: a price must be above 0"),
        FaultProblem::Negative(value) => format!("{field} is {value}: must not be below 0"),
        FaultProblem::ConflictingTiers { quantity } => {
            format!("{field} gives a second, different price for quantity {quantity}")
        }
        FaultProblem::TotalDisagrees { stated, computed } => {
            format!("{field} is {stated}, but unit price times quantity is {computed}")
        }
        FaultProblem::NotADate(found) => format!("{field} is {}: not a date", quoted(found)),
        FaultProblem::NoStockInformation => format!("{field} is below 0, which says nothing about stock"),
        FaultProblem::TooLarge => format!("{field} leads to an amount that is too large to compute exactly"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NumberProblem;
    use crate::report::scene::{criteria, eur, money};

    fn fault(field: &str, problem: FaultProblem) -> Cause {
        Cause::Invalid(Fault { field: field.into(), problem })
    }

    #[test]
    fn every_cause_has_its_sentence() {
        let table = [
            (Cause::OutOfStock, "out of stock"),
            (Cause::InsufficientStock { needed: 95, in_stock: 60 }, "95 needed, 60 in stock"),
            (Cause::BelowMinimum { needed: 95, smallest: 500 }, "minimum order 500, and a price is known for 95 only"),
            (Cause::AboveMaximum { order: 95, maximum: 50 }, "95 needed, at most 50 an order"),
            (
                Cause::BelowMinimumValue { goods: money("12"), minimum_value: money("50"), currency: eur() },
                "goods of 12.00 EUR are below the minimum order value of 50.00 EUR",
            ),
            (Cause::NoTier, "the list of price breaks is empty"),
            (Cause::Expired("2026-11-01T23:59:59Z".parse().unwrap()), "expired at 2026-11-01T23:59:59Z"),
            (Cause::NoCurrency, "no currency given, and none is configured"),
            (Cause::Currency(CurrencyProblem::Unknown("€".into())), "`€` is not a currency of ISO 4217"),
            (Cause::Currency(CurrencyProblem::NoMinorUnit("XAU".into())), "`XAU` has no minor unit"),
            (Cause::Currency(CurrencyProblem::NoRate("USD".into(), "EUR".into())), "no rate from `USD` to `EUR`"),
            (Cause::WrongProduct { found: "gadget".into() }, "reply is for product `gadget`"),
            (Cause::WrongQuantity { found: 1 }, "reply is for quantity 1"),
            (Cause::TooLate { days: 9, within: 5 }, "delivery takes 9 days, 5 allowed"),
            (Cause::TooLate { days: 1, within: 0 }, "delivery takes 1 day, 0 allowed"),
            (Cause::DeliveryUnknown { within: 5 }, "delivery is unknown, 5 days allowed"),
        ];
        for (cause, sentence) in table {
            assert_eq!(rejection(&cause, &criteria()), sentence);
        }
        let exact = Criteria { exact: true, ..criteria() };
        let cause = Cause::BelowMinimum { needed: 95, smallest: 500 };
        assert_eq!(rejection(&cause, &exact), "minimum order 500, and `--exact` was given");
    }

    #[test]
    fn every_fault_has_its_sentence() {
        let number = |problem| FaultProblem::Number { found: "1,50".into(), problem };
        let table = [
            (FaultProblem::Missing, "`f` is missing"),
            (
                FaultProblem::WrongType { expected: "a number", found: "an object" },
                "`f` must be a number, not an object",
            ),
            (number(NumberProblem::NotANumber), "`f` is `1,50`: not a number"),
            (number(NumberProblem::TooManyIntegerDigits), "`f` is `1,50`: more than 12 integer digits"),
            (number(NumberProblem::TooManyDecimals), "`f` is `1,50`: more than 12 decimals"),
            (number(NumberProblem::NotWhole), "`f` is `1,50`: not a whole number"),
            (
                FaultProblem::OutOfRange { found: "9999".into(), least: 0, most: 3650 },
                "`f` is `9999`: must be 0 to 3650",
            ),
            (FaultProblem::NotPositive(money("0.00")), "`f` is 0: not a price unless `allow-free` is set"),
            (FaultProblem::NotPositive(money("-1.50")), "`f` is -1.50: a price must be above 0"),
            (FaultProblem::Negative(money("-1")), "`f` is -1: must not be below 0"),
            (FaultProblem::ConflictingTiers { quantity: 10 }, "`f` gives a second, different price for quantity 10"),
            (
                FaultProblem::TotalDisagrees { stated: money("40.00"), computed: money("33.30") },
                "`f` is 40.00, but unit price times quantity is 33.30",
            ),
            (FaultProblem::NotADate("soon".into()), "`f` is `soon`: not a date"),
            (FaultProblem::NoStockInformation, "`f` is below 0, which says nothing about stock"),
            (FaultProblem::TooLarge, "`f` leads to an amount that is too large to compute exactly"),
        ];
        for (problem, sentence) in table {
            assert_eq!(rejection(&fault("f", problem), &criteria()), sentence);
        }
    }

    #[test]
    fn a_hostile_value_is_cleaned_and_shortened() {
        let cause = Cause::WrongProduct { found: format!("\u{202e}\u{1b}]0;x\u{7}{}", "y".repeat(500)) };
        let sentence = rejection(&cause, &criteria());
        assert!(sentence.starts_with("reply is for product `\u{fffd}]0;x\u{fffd}yyy"), "{sentence}");
        assert!(sentence.ends_with("y…`"), "{sentence}");
    }
}
