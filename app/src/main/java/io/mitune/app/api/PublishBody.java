package io.mitune.app.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import io.mitune.producers.Prompt;
import io.mitune.producers.Prompts;
import io.mitune.producers.PublishSettings;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.SamplingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The body of {@code POST /api/prompts}, checked: one prompt ({@code text}) or several ({@code
 * prompts}) and what they share. Defaults are those of {@code mitune publish}. Immutable.
 */
record PublishBody(Prompts prompts, PublishSettings settings) {
    static final int MAX_PROMPTS = 10_000;
    private static final int MAX_FAULTS = 100;

    /** Reads it, or tells everything that is wrong with it. */
    static PublishBody of(JsonNode json) {
        var problems = new ArrayList<Problem>();
        var body = new BodyFields(json, "", problems);
        var prompts = json.isObject() ? prompts(body, problems) : List.<Prompt>of();
        var settings = settings(body);
        body.refuseOthers();
        if (!problems.isEmpty()) {
            throw new WebException(400, problems.subList(0, Math.min(MAX_FAULTS, problems.size())));
        }
        return new PublishBody(new Prompts("request", prompts, List.of(), 0), settings);
    }

    /** The same prompts under the name of a batch. */
    PublishBody named(String batch) {
        var s = settings;
        return new PublishBody(
                prompts,
                new PublishSettings(
                        s.run(),
                        Optional.of(batch),
                        s.round(),
                        s.seed(),
                        s.candidates(),
                        s.keep(),
                        s.negativePrompt(),
                        s.sampling(),
                        s.model(),
                        s.priority()));
    }

    private static List<Prompt> prompts(BodyFields body, List<Problem> problems) {
        var list = body.find("prompts");
        if (list.isPresent() == body.find("text").isPresent()) {
            body.fault("prompts", "either text or prompts", list.isPresent() ? "both" : "neither");
            return List.of();
        }
        var prompts = new ArrayList<Prompt>();
        if (list.isEmpty()) {
            add(prompts, body);
            return prompts;
        }
        body.find("category")
                .ifPresent(c -> body.fault("category", "it in each of the prompts", "it here"));
        var items = list.get();
        if (!items.isArray() || items.isEmpty() || items.size() > MAX_PROMPTS) {
            body.fault(
                    "prompts",
                    "a list of 1 to " + MAX_PROMPTS,
                    items.isArray() ? items.size() + " prompts" : BodyFields.shown(items));
            return List.of();
        }
        for (var i = 0; i < items.size() && problems.size() < MAX_FAULTS; i++) {
            var item = new BodyFields(items.get(i), "/prompts/" + i, problems);
            if (items.get(i).isObject()) {
                add(prompts, item);
                item.refuseOthers();
            }
        }
        return prompts;
    }

    private static void add(List<Prompt> prompts, BodyFields from) {
        var before = from.faults();
        var text = from.text("text", "").strip();
        if (from.faults() == before) {
            from.check("text", RequestLimits.textFault("text", text, 1));
        }
        var category = from.text("category", "");
        from.check("category", RequestLimits.textFault("category", category, 0));
        if (from.faults() == before) {
            prompts.add(new Prompt(prompts.size() + 1, text, category));
        }
    }

    private static PublishSettings settings(BodyFields body) {
        var run = body.text("run", "default");
        body.check("run", RequestLimits.runFault(run));
        var batch = body.find("batch").map(b -> body.text("batch", ""));
        batch.ifPresent(name -> body.check("batch", RequestLimits.batchFault(name)));
        var round = body.number("round", 1, RequestLimits.MAX_ROUND, 0);
        var candidates = body.number("candidates", 1, RequestLimits.MAX_CANDIDATES, 50);
        var keep = body.number("keep", 1, candidates, 1);
        var negative = body.text("negativePrompt", "");
        body.check("negativePrompt", RequestLimits.textFault("negativePrompt", negative, 0));
        var model = body.text("model", "");
        if (!model.matches("[0-9a-f]{0,64}")) {
            body.fault("model", "a digest in hex, or nothing for any model", "another text");
        }
        var priority =
                body.number("priority", -RequestLimits.MAX_PRIORITY, RequestLimits.MAX_PRIORITY, 0);
        return new PublishSettings(
                run,
                batch,
                round == 0 ? OptionalInt.empty() : OptionalInt.of((int) round),
                body.number("seed", Long.MIN_VALUE, Long.MAX_VALUE, 42),
                (int) candidates,
                (int) keep,
                negative,
                sampling(body.inner("sampling")),
                model,
                (int) priority);
    }

    private static SamplingSettings sampling(BodyFields body) {
        var scheduler = body.text("scheduler", "ddpm");
        if (!RequestLimits.SCHEDULERS.contains(scheduler)) {
            body.fault(
                    "scheduler",
                    "one of "
                            + String.join(
                                    ", ", RequestLimits.SCHEDULERS.stream().sorted().toList()),
                    "another text");
        }
        var guidance = body.decimal("guidanceScale", 7.5);
        if (!(guidance >= 0 && guidance <= RequestLimits.MAX_GUIDANCE)) {
            body.fault("guidanceScale", "0 to " + RequestLimits.MAX_GUIDANCE, guidance + "");
        }
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler(scheduler)
                        .setNumInferenceSteps(
                                (int)
                                        body.number(
                                                "numInferenceSteps",
                                                1,
                                                RequestLimits.MAX_STEPS,
                                                100))
                        .setGuidanceScale(guidance)
                        .setHeight((int) body.number("height", 0, RequestLimits.MAX_SIDE, 0))
                        .setWidth((int) body.number("width", 0, RequestLimits.MAX_SIDE, 0))
                        .build();
        body.refuseOthers();
        return sampling;
    }
}
