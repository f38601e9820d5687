"""What every admin system has. It knows nothing of the business."""
