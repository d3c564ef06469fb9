package io.mitune.schemas;

import io.mitune.schemas.serde.DefaultSerde;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Confluent's serializers as the build's own, by the profile {@code confluent}. */
public final class Confluent implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return DefaultSerde.properties()
                        .getOrDefault("value.serializer", "")
                        .contains(".confluent.")
                ? ConditionEvaluationResult.enabled("Confluent's serializers are there")
                : ConditionEvaluationResult.disabled(
                        "needs Confluent's serializers: run with -Pconfluent");
    }
}
