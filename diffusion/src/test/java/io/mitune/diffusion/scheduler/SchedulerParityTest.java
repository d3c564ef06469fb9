package io.mitune.diffusion.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tables and trajectories of the real diffusers (test/python/make_scheduler_fixtures.py). */
class SchedulerParityTest {
    @TestFactory
    Stream<DynamicTest> schedulesHaveTheSameTables() throws IOException {
        return cases("schedules").map(c -> DynamicTest.dynamicTest(title(c), () -> checkTables(c)));
    }

    @TestFactory
    Stream<DynamicTest> flowsHaveTheSameTables() throws IOException {
        return cases("flows").map(c -> DynamicTest.dynamicTest(title(c), () -> checkFlowTables(c)));
    }

    @TestFactory
    Stream<DynamicTest> trajectoriesAreTheSame() throws IOException {
        return cases("trajectories")
                .map(c -> DynamicTest.dynamicTest(title(c), () -> checkTrajectory(c)));
    }

    private static void checkTables(JsonNode expected) {
        var schedule = config(expected).noiseSchedule();
        for (int i = 0; i < expected.get("at").size(); i++) {
            int t = expected.get("at").get(i).intValue();
            double beta = expected.get("betas").get(i).doubleValue();
            double alpha = expected.get("alphas_cumprod").get(i).doubleValue();
            assertEquals(beta, schedule.beta(t), 1e-6 + 1e-5 * beta, "beta " + t);
            assertEquals(alpha, schedule.alphaCumprod(t), 2e-6 * alpha, "alphaCumprod " + t);
        }
    }

    private static void checkFlowTables(JsonNode expected) {
        var sigmas = config(expected).flowSettings().trainSigmas();
        for (int i = 0; i < expected.get("at").size(); i++) {
            int at = expected.get("at").get(i).intValue();
            double sigma = expected.get("sigmas").get(i).doubleValue();
            assertEquals(sigma, sigmas[at], 2e-7 * sigma, "sigma " + at);
        }
    }

    private static void checkTrajectory(JsonNode expected) {
        int steps = expected.get("steps").intValue();
        var kind = SchedulerKind.of(expected.get("kind").textValue());
        long side = expected.path("latent_side").asLong(64);
        var scheduler =
                Schedulers.create(
                        kind, config(expected).withPatchSize(2), steps, new Shape(16, side, side));
        assertArrayEquals(doubles(expected.get("timesteps")), scheduler.timesteps(), 1e-4);
        double init = expected.get("init").doubleValue();
        assertEquals(init, scheduler.initNoiseSigma(), 1e-5 * init);
        try (var manager = NDManager.newBaseManager()) {
            var sample = manager.create(new float[] {1.1f, -0.7f, 0.2f, -0.05f}).reshape(1, 4);
            sample.muli(scheduler.initNoiseSigma());
            var trajectory = scheduler.begin(manager);
            var times = scheduler.timesteps();
            for (int i = 0; i < times.length; i++) {
                try (var step = manager.newSubManager()) {
                    var input = sample.mul(scheduler.inputScale(i));
                    input.attach(step);
                    trajectory.step(i, sample, denoise(input, times[i]), k -> noise(step, k));
                }
                assertClose(doubles(expected.get("samples").get(i)), sample, i);
            }
        }
    }

    /**
     * Single precision: the reference computes its coefficients in it too, and an error at a step
     * is carried to all later ones.
     */
    private static void assertClose(double[] expected, NDArray sample, int step) {
        var found = sample.toFloatArray();
        for (int k = 0; k < expected.length; k++) {
            double tolerance = 2e-5 * Math.max(1, Math.abs(expected[k]));
            assertEquals(expected[k], found[k], tolerance, "step " + step + ", element " + k);
        }
    }

    private static NDArray denoise(NDArray x, double t) {
        return x.mul(0.6).add(x.mul(3).add(0.01 * t).sin().mul(0.2));
    }

    private static NDArray noise(NDManager manager, int i) {
        return manager.create(new float[] {0.9f, -0.4f, 0.1f, -1.3f})
                .reshape(1, 4)
                .mul(i % 2 == 1 ? 1 : -0.5)
                .add(0.05 * i);
    }

    private static SchedulerConfig config(JsonNode node) {
        return SchedulerConfig.parse(node.get("config").toString(), "test");
    }

    private static String title(JsonNode node) {
        return node.path("kind").asText("")
                + " "
                + node.path("steps").asText("")
                + " "
                + node.get("config");
    }

    private static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
    }

    private static Stream<JsonNode> cases(String key) throws IOException {
        try (var in = SchedulerParityTest.class.getResourceAsStream("/scheduler/schedulers.json")) {
            var root = new ObjectMapper().readTree(in);
            return StreamSupport.stream(root.get(key).spliterator(), false);
        }
    }
}
