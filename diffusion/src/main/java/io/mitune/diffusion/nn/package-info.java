/**
 * The layers that networks are made of, on arrays and TorchScript text; one set-up of the engine.
 */
package io.mitune.diffusion.nn;
