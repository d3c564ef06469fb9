package io.mitune.workers.generation;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model of a worker with the adapter that the task at hand asks for.
 *
 * <p>The adapter is merged into the weights, so an adapted model is as fast as the base. It stays
 * until another is asked for: tasks of one round share it. Not thread-safe; whoever calls holds the
 * device.
 */
public final class WorkerModel implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerModel.class);

    private final StableDiffusion model;
    private final MergedAdapter slot;
    private final ImageGenerator generator;
    private Optional<String> adapter = Optional.empty();
    private double adapterChange;

    private WorkerModel(StableDiffusion model, MergedAdapter slot) {
        this.model = model;
        this.slot = slot;
        generator = new ImageGenerator(model);
    }

    /**
     * Loads a diffusers directory.
     *
     * @param options device and dtypes; its adapters are replaced by this worker's own
     */
    public static WorkerModel load(Path directory, LoadOptions options) {
        var slot = new MergedAdapter(options.dtype());
        return new WorkerModel(StableDiffusion.load(directory, options.with(slot)), slot);
    }

    /** Names the base model by its content. */
    public String digest() {
        return model.modelDigest();
    }

    public StableDiffusion base() {
        return model;
    }

    /**
     * Puts an adapter in place, or the base model.
     *
     * @throws BlobException in one line when the adapter is missing, damaged or another model's;
     *     then the one before stays
     */
    public void use(Optional<BlobRef> wanted, BlobStore blobs) {
        var sha256 = wanted.map(BlobRef::getSha256);
        if (sha256.equals(adapter)) {
            return;
        }
        if (wanted.isEmpty()) {
            slot.clear();
        } else {
            try {
                slot.merge(AdapterFile.read(blobs.resolve(wanted.get())));
            } catch (ModelFileException e) {
                throw new BlobException(e.getMessage(), e);
            }
        }
        adapter = sha256;
        adapterChange = slot.relativeChange();
        log.info("adapter {} in place", sha256.map(s -> s.substring(0, 12)).orElse("none"));
    }

    /** Greatest |W' - W| / |W| of any adapted matrix; 0 for the base model. */
    public double adapterChange() {
        return adapterChange;
    }

    /** Draws and decodes with the adapter in place; stays the model's. */
    ImageGenerator generator() {
        return generator;
    }

    @Override
    public void close() {
        model.close();
    }
}
