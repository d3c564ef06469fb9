package io.mitune.diffusion.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ddim|{\"prediction_type\":\"sample\"}|`prediction_type=sample`",
                "ddim|{\"beta_schedule\":\"sigmoid\"}|`beta_schedule=sigmoid`",
                "ddpm|{\"variance_type\":\"learned_range\"}|`variance_type=learned_range`",
                "ddpm|{\"thresholding\":true}|`thresholding=true`",
                "euler|{\"use_karras_sigmas\":true}|`use_karras_sigmas=true`",
                "euler|{\"timestep_type\":\"continuous\"}|`timestep_type=continuous`",
                "euler|{\"final_sigmas_type\":\"half\"}|`final_sigmas_type=half`",
                "pndm|{\"timestep_spacing\":7}|`timestep_spacing=7`",
                "ddim|{\"beta_start\":\"low\"}|`beta_start`: expected a number, found \"low\"",
                "ddim|{\"beta_end\":1.5}|`beta_end`: expected a number in (0.0, 1.0), found 1.5",
                "ddim|{\"num_train_timesteps\":3,\"trained_betas\":[0.1,0.1,-1]}"
                        + "|`trained_betas[2]`: expected a number in (0, 1), found -1",
                "ddim|{\"clip_sample\":1}|`clip_sample`: expected true or false, found 1",
                "ddim|{\"num_train_timesteps\":0}|`num_train_timesteps`: expected a whole number",
                "flow-match-euler|{\"use_beta_sigmas\":true}|`use_beta_sigmas=true`",
                "flow-match-euler|{\"invert_sigmas\":true}|`invert_sigmas=true`",
                "flow-match-euler|{\"use_karras_sigmas\":true,\"use_exponential_sigmas\":true}"
                        + "|`use_exponential_sigmas=true`",
                "flow-match-euler|{\"shift\":0}|`shift`: expected a number in (0.0, ",
                "flow-match-euler|{\"shift_terminal\":1}|`shift_terminal`: expected a number in (0",
                "flow-match-euler|{\"use_dynamic_shifting\":true,\"time_shift_type\":\"cubic\"}"
                        + "|`time_shift_type=cubic`",
                "flow-match-euler|{\"use_dynamic_shifting\":true,\"max_image_seq_len\":256}"
                        + "|`max_image_seq_len`: expected a whole number in [257, ",
                "ddim|{\"trained_betas\":[0.1]}|`trained_betas`: expected an array of 1000 numbers",
            })
    void refusesByNameWhatItCannotDo(String kind, String json, String message) {
        var config = config(kind, json);
        var error = assertThrows(RuntimeException.class, () -> create(kind, config, 2));
        assertTrue(error.getMessage().contains(message), error.getMessage());
        assertTrue(error.getMessage().startsWith("scheduler_config.json: "), error.getMessage());
        assertEquals(1, error.getMessage().lines().count());
    }

    @Test
    void optionsOfOtherSamplersDoNotMatter() {
        var config =
                SchedulerConfig.parse(
                        "{\"use_karras_sigmas\":true,\"algorithm_type\":\"dpmsolver++\"}", "test");
        assertEquals(10, create("ddim", config, 10).timesteps().length);
    }

    @Test
    void stableDiffusionCorrectsOldFiles() {
        var old = SchedulerConfig.parse("{\"_class_name\":\"DDIMScheduler\"}", "test");
        assertTrue(old.settings(SchedulerKind.DDIM).clipSample());
        var corrected = old.forStableDiffusion().settings(SchedulerKind.DDIM);
        assertFalse(corrected.clipSample());
        assertEquals(1, corrected.stepsOffset());
    }

    @Test
    void xlDoesNotClipUnlessItsFileSaysSo() {
        var file = "{\"_class_name\":\"EulerDiscreteScheduler\"%s}";
        var silent = SchedulerConfig.parse(file.formatted(""), "test").forStableDiffusionXl();
        assertFalse(silent.settings(SchedulerKind.DDPM).clipSample());
        var clips = SchedulerConfig.parse(file.formatted(",\"clip_sample\":true"), "test");
        assertTrue(clips.forStableDiffusionXl().settings(SchedulerKind.DDPM).clipSample());
    }

    @Test
    void refusesStepsOutsideTheTrainRange() {
        var config = SchedulerConfig.parse("{\"steps_offset\":1}", "test");
        assertOneLine("steps: expected 1 to 1000, found 0", () -> create("ddpm", config, 0));
        assertOneLine("steps: expected 1 to 1000, found 1001", () -> create("ddpm", config, 1001));
        assertOneLine(
                "steps: 1000 steps ask for timestep 1000, outside [0, 999]; use fewer",
                () -> create("ddpm", config, 1000));
        assertOneLine(
                "steps: expected at least 4 for pndm with skip_prk_steps=false, found 3",
                () -> create("pndm", config, 3));
    }

    @Test
    void namesTheSamplerThatIsMissing(@TempDir Path dir) throws Exception {
        var file = dir.resolve("scheduler_config.json");
        assertOneLine(
                file + ": expected a JSON file, found none", () -> SchedulerConfig.read(file));
        Files.writeString(file, "{\"_class_name\":\"LCMScheduler\"}");
        assertOneLine(
                file
                        + ": unsupported `_class_name=LCMScheduler`;"
                        + " choose a scheduler: ddpm, ddim, euler, pndm",
                () -> SchedulerConfig.read(file).requireOwnKind());
        Files.writeString(file, "{\"_class_name\":\"FlowMatchHeunDiscreteScheduler\"}");
        assertOneLine(
                file
                        + ": unsupported `_class_name=FlowMatchHeunDiscreteScheduler`;"
                        + " choose a scheduler: flow-match-euler",
                () -> SchedulerConfig.read(file).requireOwnKind());
        Files.writeString(file, "{\"beta_start\": ");
        var error = assertThrows(RuntimeException.class, () -> SchedulerConfig.read(file));
        assertTrue(error.getMessage().startsWith(file + ": expected JSON, found "));
        assertOneLine(
                "scheduler: expected one of ddpm, ddim, euler, pndm, flow-match-euler, found heun",
                () -> SchedulerKind.of("heun"));
    }

    @Test
    void diffusionAndFlowMatchingDoNotMix() {
        var flow = config("flow-match-euler", "{}").forStableDiffusion();
        assertTrue(flow.flowMatching());
        assertEquals(SchedulerKind.FLOW_MATCH_EULER, flow.requireOwnKind());
        assertOneLine(
                "scheduler: expected flow-match-euler for a model of flow matching, found ddim",
                () -> create("ddim", flow, 5));
        assertOneLine(
                "scheduler: expected flow-match-euler for a model of flow matching, found ddpm",
                flow::noiseSchedule);
        var diffusion = SchedulerConfig.parse("{\"_class_name\":\"DDIMScheduler\"}", "test");
        assertFalse(diffusion.flowMatching());
        assertOneLine(
                "scheduler: expected ddpm, ddim, euler, pndm for a model of diffusion,"
                        + " found flow-match-euler",
                () -> create("flow-match-euler", diffusion, 5));
        assertThrows(IllegalArgumentException.class, diffusion::flowSettings);
    }

    @Test
    void refusesShiftsThatDoNotEnd() {
        var stretched = config("flow-match-euler", "{\"shift_terminal\":0.1}");
        assertEquals(2, create("flow-match-euler", stretched, 2).timesteps().length);
        assertOneLine(
                "scheduler: expected sigmas that fall from 1 towards 0, found NaN at step 1 of 1;"
                        + " use other steps or another shift",
                () -> create("flow-match-euler", stretched, 1));
        var negative =
                config(
                        "flow-match-euler",
                        "{\"use_dynamic_shifting\":true,\"time_shift_type\":\"linear\","
                                + "\"base_shift\":-1.0,\"max_shift\":-2.0}");
        assertThrows(IllegalArgumentException.class, () -> create("flow-match-euler", negative, 5));
    }

    /** The config as its own sampler would write it; diffusion samplers read each other's. */
    private static SchedulerConfig config(String kind, String json) {
        var flow = SchedulerKind.of(kind).flowMatching();
        var name = "{\"_class_name\":\"FlowMatchEulerDiscreteScheduler\"";
        var text = flow ? json.replaceFirst("\\{", json.equals("{}") ? name : name + ",") : json;
        return SchedulerConfig.parse(text, "scheduler_config.json");
    }

    private static Scheduler create(String kind, SchedulerConfig config, int steps) {
        return Schedulers.create(SchedulerKind.of(kind), config, steps, new Shape(4, 64, 64));
    }

    private static void assertOneLine(
            String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(RuntimeException.class, call).getMessage());
    }
}
