package io.mitune.diffusion.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
                "ddim|{\"trained_betas\":[0.1]}|`trained_betas`: expected an array of 1000 numbers",
            })
    void refusesByNameWhatItCannotDo(String kind, String json, String message) {
        var config = SchedulerConfig.parse(json, "scheduler_config.json");
        var error = assertThrows(RuntimeException.class, () -> Schedulers.create(kind, config, 2));
        assertTrue(error.getMessage().contains(message), error.getMessage());
        assertTrue(error.getMessage().startsWith("scheduler_config.json: "), error.getMessage());
        assertEquals(1, error.getMessage().lines().count());
    }

    @Test
    void optionsOfOtherSamplersDoNotMatter() {
        var config =
                SchedulerConfig.parse(
                        "{\"use_karras_sigmas\":true,\"algorithm_type\":\"dpmsolver++\"}", "test");
        assertEquals(10, Schedulers.create("ddim", config, 10).timesteps().length);
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
    void refusesStepsOutsideTheTrainRange() {
        var config = SchedulerConfig.parse("{\"steps_offset\":1}", "test");
        assertOneLine(
                "steps: expected 1 to 1000, found 0", () -> Schedulers.create("ddpm", config, 0));
        assertOneLine(
                "steps: expected 1 to 1000, found 1001",
                () -> Schedulers.create("ddpm", config, 1001));
        assertOneLine(
                "steps: 1000 steps ask for timestep 1000, outside [0, 999]; use fewer",
                () -> Schedulers.create("ddpm", config, 1000));
        assertOneLine(
                "steps: expected at least 4 for pndm with skip_prk_steps=false, found 3",
                () -> Schedulers.create("pndm", config, 3));
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
        Files.writeString(file, "{\"beta_start\": ");
        var error = assertThrows(RuntimeException.class, () -> SchedulerConfig.read(file));
        assertTrue(error.getMessage().startsWith(file + ": expected JSON, found "));
        assertOneLine(
                "scheduler: expected one of ddpm, ddim, euler, pndm, found heun",
                () -> SchedulerKind.of("heun"));
    }

    private static void assertOneLine(
            String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(RuntimeException.class, call).getMessage());
    }
}
