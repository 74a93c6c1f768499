"""What is offered: the part to replace. It knows nothing of how requests come and replies go."""

import json

# Prices are text, so that no binary fraction comes between them and who compares them.
OFFERS = {
    "widget": [
        {"sku": "W-1", "packaging": "bag", "unitPrice": "0.45"},
        {"sku": "W-100", "packaging": "box", "unitPrice": "0.40", "orderMultiple": 100},
    ],
}
TERMS = {"currency": "EUR", "stockQuantity": 5000, "shipping": "4.90", "deliveryDays": 2}


def reply_to(body: bytes) -> bytes:
    """The reply to a request: the offers, none where the product is not carried, or what is wrong with the request."""
    try:
        offers = OFFERS.get(json.loads(body)["productId"], [])
    except (ValueError, KeyError, TypeError) as error:
        return json.dumps({"error": f"not a quote request: {error!r}"}).encode()
    return json.dumps([{**offer, **TERMS} for offer in offers]).encode()
