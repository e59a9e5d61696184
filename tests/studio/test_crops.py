"""What training reads of a frame: windows round the regions, as fine as networks can use, put together again."""

import json
from dataclasses import replace

import numpy as np

from annotator.imaging.reader import probe
from annotator.studio.dataset.dataset import render_dataset
from annotator.studio.dataset.jobs import RenderOptions, capture_jobs, frames_of
from annotator.studio.draw.crops import GRANULE, plan_crops, to_crop
from annotator.training.dataset_folder import PictureFolder

SMALL = RenderOptions((3,), ("neutral",), "pair", 256)


def test_crops_hold_the_regions_and_training_reads_them_as_the_frame_that_they_are_of(
    tmp_path, renderer, scheme, same_capture
):
    options = replace(SMALL, cameras="random:1", size=1024, crops=True, format="png")
    render_dataset(tmp_path / "crops", options)
    render_dataset(tmp_path / "whole", replace(options, crops=False))
    coco = json.loads((tmp_path / "crops" / "annotations.json").read_text())
    names = [image["file_name"] for image in coco["images"]]
    assert len(names) == 1 + len(scheme.regions)
    points = {
        i["file_name"]: np.array(a["keypoints"]).reshape(-1, 3)
        for i, a in zip(coco["images"], coco["annotations"], strict=True)
    }
    stored, whole = (PictureFolder(tmp_path / name, scheme)[0] for name in ("crops", "whole"))
    np.testing.assert_allclose(stored.xy, whole.xy, atol=1e-3)
    assert stored.image.shape == whole.image.shape
    for region in scheme.regions:
        file = next(name for name in names if name.endswith(f"_{region.name}.png"))
        side = probe(tmp_path / "crops" / file).width
        inside = points[file][list(region.indices)]
        assert (inside[:, 2] > 0).all()
        assert (inside[:, :2] > 0).all()
        assert (inside[:, :2] < side).all()
        low, high = (
            end.astype(int)
            for end in (whole.xy[list(region.indices)].min(0), whole.xy[list(region.indices)].max(0))
        )
        part = np.s_[low[1] : high[1], low[0] : high[0]]
        assert np.abs(stored.image[part].astype(float) - whole.image[part]).mean() < 12


def test_crops_are_no_finer_than_networks_read(scheme):
    xy = np.random.default_rng(3).uniform(900, 3100, (len(scheme.names), 2))
    for size, most in ((4096, 800), (4096, 300), (4100, 7000), (4099, 450)):
        _, *plans = plan_crops(xy, scheme, size, most)
        (block,) = {(p.window[2] - p.window[0]) / p.pixels[0] for p in plans}
        assert max(p.pixels[0] for p in plans) < most + GRANULE
        assert block == 1 or max(p.window[2] - p.window[0] for p in plans) / (block - 1) > most
        for plan, region in zip(plans, scheme.regions, strict=True):
            assert not np.any(np.array(plan.window) % block)
            assert min(plan.window) >= 0
            assert max(plan.window) <= size
            inside = to_crop(xy[list(region.indices)], plan)
            assert (inside > 0).all()
            assert (inside < plan.pixels[0]).all()


def test_coarser_crops_are_the_finer_ones_averaged(renderer, scheme, same_capture):
    options = replace(SMALL, cameras="random:1", size=1024, crops=True)
    (job,) = capture_jobs(options)
    fine, coarse = (
        next(frames_of(job, replace(options, crop_pixels=most), scheme, renderer)) for most in (1024, 180)
    )
    wide, narrow = fine.crops[-1], coarse.crops[-1]
    x0, y0, x1, y1 = wide.plan.window
    low = np.maximum((x0, y0), narrow.plan.window[:2]).astype(int)
    high = np.minimum((x1, y1), narrow.plan.window[2:]).astype(int)
    block = int(narrow.plan.window[2] - narrow.plan.window[0]) // narrow.plan.pixels[0]
    assert block > 1
    low, high = -(-low // block) * block, high // block * block
    sharp = wide.image[low[1] - int(y0) : high[1] - int(y0), low[0] - int(x0) : high[0] - int(x0)]
    height, width = (high - low)[::-1] // block
    mean = sharp.reshape(height, block, width, block, 3).mean((1, 3))
    begin = (low - np.array(narrow.plan.window[:2], int)) // block
    drawn = narrow.image[begin[1] : begin[1] + height, begin[0] : begin[0] + width].astype(float)
    assert np.abs(drawn - mean).mean() < 6
    moved = np.abs(np.roll(drawn, 1, 1) - mean).mean()  # one pixel aside is clearly worse
    assert np.abs(drawn - mean).mean() < 0.8 * moved
