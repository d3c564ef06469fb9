package io.mitune.app.survey;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Results as JSON; what cannot be said is null. Stateless. */
final class ResultsJson {
    private ResultsJson() {}

    static ObjectNode of(SurveyResults results) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("campaign", results.campaign());
        json.put("voters", results.voters());
        json.put("answers", results.answers());
        var categories = json.putObject("shares");
        results.shares()
                .forEach(
                        (category, shares) -> {
                            var of = categories.putObject(category);
                            shares.forEach((name, share) -> add(of.putObject(name), share));
                        });
        var mi = results.mi();
        var agreement = json.putObject("mi");
        agreement.put("answers", mi.answers());
        agreement.put("share", orNull(mi.share()));
        bounds(agreement, mi.interval());
        agreement.put("questions", mi.questions());
        agreement.put("kendall", orNull(mi.kendall()));
        agreement.put("pictures", mi.pictures());
        agreement.put("spearman", orNull(mi.spearman()));
        json.put("alpha", orNull(results.alpha()));
        return json;
    }

    private static void add(ObjectNode json, Share share) {
        json.put("chosen", share.chosen());
        json.put("shown", share.shown());
        json.put("share", orNull(share.value()));
        bounds(json, share.wilson());
    }

    private static void bounds(ObjectNode json, Share.Interval interval) {
        json.put("low", orNull(interval.low()));
        json.put("high", orNull(interval.high()));
    }

    private static Double orNull(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
